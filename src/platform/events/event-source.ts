import type { Snapshot } from '../context.ts';

const READ = 'select source, bare_until::text from platform.event_source';

export interface EventSource {
  /** 16 hexadecimal digits, random: of this database alone, and the same for every process that uses it. */
  readonly id: string;
  readonly prefixOf: EventIdPrefix;
}

/** Returns what the ids of a row's events begin with; `<that>:<index>` is an event's id. */
export type EventIdPrefix = (rowId: string) => string;

/**
 * Row ids are made of node numbers that are leased per database, so two databases give equal ones. The 64 random bits of
 * the database make event ids unique over all of them: `<source>-<row>`. Rows from before there was a source keep the bare
 * `<row>`, so an event that was published under that id and is delivered again is known to its consumers.
 */
export async function readEventSource(client: Snapshot): Promise<EventSource> {
  const { rows } = await client.query<{ source: string; bare_until: string }>(READ);
  const [row] = rows;
  if (row === undefined)
    throw new Error('platform.event_source has no row: the migration writes it, and nothing deletes it');
  const bareUntil = BigInt(row.bare_until);
  return {
    id: row.source,
    prefixOf: (rowId) => (BigInt(rowId) <= bareUntil ? rowId : `${row.source}-${rowId}`),
  };
}
