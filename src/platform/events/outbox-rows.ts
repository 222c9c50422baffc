import type pg from 'pg';
import type { OutboxBatch } from './outbox.ts';

/** How far the outbox is read. All are numbers in decimal. */
export interface Position {
  /** Rows of earlier transactions were read. */
  readonly fromXid: string;
  /** Rows of earlier transactions are being read. Undefined: those before the oldest one that still runs. */
  readonly belowXid: string | undefined;
  /** Up to which place these were read. */
  readonly place: string;
}
export const BEGINNING: Position = { fromXid: '0', belowXid: undefined, place: '0' };

export interface OutboxRow {
  readonly id: string;
  readonly events: number;
  readonly createdAt: Date;
  /** By the database's clock, when it was read. */
  readonly ageSeconds: number;
  /** Undefined: no consumer of this process subscribed to its topics, so it was not loaded. */
  readonly payload: string | undefined;
}

type Queryable = Pick<pg.ClientBase, 'query'>;

/**
 * Reads rows of transactions older than the oldest one that still runs: below this horizon no row can appear any more. Until all of
 * them are read it stays where it is, because rows above it may have lower places. Of two rows about one aggregate the later one
 * waited for the earlier transaction to end, so no horizon is between them that has only the later one below it.
 */
const READ = `
  with horizon as materialized (select coalesce($2::xid8, pg_snapshot_xmin(pg_current_snapshot())) as xid)
  select o.id::text, o.place::text, horizon.xid::text as below_xid, events, created_at,
    extract(epoch from clock_timestamp() - created_at)::float8 as age_seconds,
    case when $4::text[] is null or topics && $4::text[] then payload end as payload
  from horizon cross join platform.outbox as o
  where o.place > $3::bigint and o.xid >= $1::xid8 and o.xid < horizon.xid
  order by o.place
  limit $5`;

interface RawRow {
  readonly id: string;
  readonly place: string;
  readonly below_xid: string;
  readonly events: number;
  readonly created_at: Date;
  readonly age_seconds: number;
  readonly payload: string | null;
}

/** @param wanted topics whose payload is loaded; undefined: all */
export async function readOutbox(
  client: Queryable,
  after: Position,
  wanted: ReadonlySet<string> | undefined,
  limit: number,
): Promise<{ readonly rows: readonly OutboxRow[]; readonly position: Position }> {
  const topics = wanted === undefined ? null : [...wanted];
  const { rows } = await client.query<RawRow>({
    name: 'outbox-read',
    text: READ,
    values: [after.fromXid, after.belowXid, after.place, topics, limit],
  });
  return {
    rows: rows.map((row) => ({
      id: row.id,
      events: row.events,
      createdAt: row.created_at,
      ageSeconds: row.age_seconds,
      payload: row.payload ?? undefined,
    })),
    position: positionAfter(after, rows, limit),
  };
}

function positionAfter(before: Position, rows: readonly RawRow[], limit: number): Position {
  const last = rows.at(-1);
  const belowXid = last?.below_xid ?? before.belowXid;
  if (belowXid === undefined) return before;
  if (last !== undefined && rows.length === limit) return { ...before, belowXid, place: last.place };
  return { ...BEGINNING, fromXid: belowXid };
}

/** Deletes rows and adds up their tallies in one statement, so that every snapshot counts each event exactly once. */
const DELETE = `
  with gone as (
    delete from platform.outbox where id = any($1::bigint[]) returning tally
  )
  insert into platform.published_events (topic, key, events)
  select topic.key, counted.key, sum(counted.value::bigint)
  from gone, jsonb_each(gone.tally) as topic, jsonb_each_text(topic.value) as counted
  group by topic.key, counted.key
  on conflict (topic, key) do update set events = published_events.events + excluded.events`;

export async function deleteFromOutbox(client: Queryable, ids: readonly string[]): Promise<void> {
  await client.query({ name: 'outbox-delete', text: DELETE, values: [ids] });
}

/**
 * Rows restored from a dump of another cluster carry transaction ids that this cluster has not reached, and would wait for ever. A
 * visible row above the horizon is such a row; it is moved to the beginning.
 */
export async function adoptForeignRows(client: Queryable): Promise<number> {
  const { rowCount } = await client.query(
    `update platform.outbox set xid = '3'::xid8 where xid >= pg_snapshot_xmax(pg_current_snapshot())`,
  );
  return rowCount ?? 0;
}

const BACKLOG = `
  select (select count(*)::int from (select from platform.outbox limit 10000) as counted) as rows,
    coalesce((select extract(epoch from clock_timestamp() - created_at)::float8
      from platform.outbox order by place limit 1), 0) as age_seconds`;

export async function measureBacklog(client: Queryable): Promise<{ rows: number; ageSeconds: number }> {
  const { rows } = await client.query<{ rows: number; age_seconds: number }>({ name: 'outbox-backlog', text: BACKLOG });
  return { rows: rows[0]?.rows ?? 0, ageSeconds: rows[0]?.age_seconds ?? 0 };
}

export const parsePayload = (payload: string): OutboxBatch[] => JSON.parse(payload) as OutboxBatch[];
