import type { Snapshot } from '../context.ts';
import type { Delivery } from './bus.ts';
import { readEventSource } from './event-source.ts';
import { expand } from './expand.ts';
import { parsePayload } from './outbox-rows.ts';

interface QueuedRow {
  readonly id: string;
  readonly created_at: Date;
  readonly payload: string;
}

/** The events of a topic that are still in the outbox, of its oldest `maxRows` rows. */
export async function queuedEvents(snapshot: Snapshot, topic: string, maxRows: number): Promise<Delivery[]> {
  const { rows } = await snapshot.query<QueuedRow>(
    `select o.id::text, created_at, payload from platform.outbox as o where topics @> array[$1::text]
     order by o.xid, o.place limit $2`,
    [topic, maxRows],
  );
  const { prefixOf } = await readEventSource(snapshot);
  return rows
    .flatMap((row) => expand(prefixOf(row.id), row.created_at, parsePayload(row.payload)))
    .filter((delivery) => delivery.topic === topic);
}

/**
 * The values that a field of the data has in the events of these topics that are still in the outbox; undefined when there
 * are more than `maxRows` rows of them.
 */
export async function queuedValues(
  snapshot: Snapshot,
  topics: readonly string[],
  field: string,
  maxRows: number,
): Promise<ReadonlySet<unknown> | undefined> {
  const { rows } = await snapshot.query<Pick<QueuedRow, 'payload'>>(
    'select payload from platform.outbox where topics && $1::text[] limit $2',
    [topics, maxRows + 1],
  );
  if (rows.length > maxRows) return undefined;
  const batches = rows.flatMap(({ payload }) => parsePayload(payload)).filter(({ topic }) => topics.includes(topic));
  return new Set(
    batches.flatMap(({ common, columns, rows: events }) => {
      const column = columns.indexOf(field);
      return column < 0 ? [common[field]] : events.map((row) => row[column]);
    }),
  );
}
