import type pg from 'pg';
import type { OutboxBatch } from './outbox.ts';

/** How far the outbox is read. Both are numbers in decimal. */
export interface Position {
  readonly xid: string;
  readonly place: string;
}
export const BEGINNING: Position = { xid: '0', place: '0' };

export interface OutboxRow extends Position {
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
 * Reads the rows below the oldest transaction that still runs. Their own transactions are not above their `xid`, so all of them have ended, and no
 * row can appear there any more: what follows a position follows all that was read before.
 */
const READ = `
  select id::text, o.xid::text, o.place::text, events, created_at,
    extract(epoch from clock_timestamp() - created_at)::float8 as age_seconds,
    case when $3::text[] is null or topics && $3::text[] then payload end as payload
  from platform.outbox as o
  where o.xid < pg_snapshot_xmin(pg_current_snapshot()) and (o.xid, o.place) > ($1::xid8, $2::bigint)
  order by o.xid, o.place
  limit $4`;

interface RawRow extends Position {
  readonly id: string;
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
): Promise<readonly OutboxRow[]> {
  const topics = wanted === undefined ? null : [...wanted];
  const { rows } = await client.query<RawRow>({
    name: 'outbox-read',
    text: READ,
    values: [after.xid, after.place, topics, limit],
  });
  return rows.map((row) => ({
    id: row.id,
    xid: row.xid,
    place: row.place,
    events: row.events,
    createdAt: row.created_at,
    ageSeconds: row.age_seconds,
    payload: row.payload ?? undefined,
  }));
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
 * visible row above the horizon is such a row. All visible rows are moved to the beginning then: among themselves their places are in order.
 */
export async function adoptForeignRows(client: Queryable): Promise<number> {
  const { rowCount } = await client.query(
    `update platform.outbox set xid = '3'::xid8
     where exists (select from platform.outbox where xid >= pg_snapshot_xmax(pg_current_snapshot()))`,
  );
  return rowCount ?? 0;
}

const BACKLOG = `
  select (select count(*)::int from (select from platform.outbox limit 10000) as counted) as rows,
    coalesce((select extract(epoch from clock_timestamp() - created_at)::float8
      from platform.outbox order by xid, place limit 1), 0) as age_seconds`;

export async function measureBacklog(client: Queryable): Promise<{ rows: number; ageSeconds: number }> {
  const { rows } = await client.query<{ rows: number; age_seconds: number }>({ name: 'outbox-backlog', text: BACKLOG });
  return { rows: rows[0]?.rows ?? 0, ageSeconds: rows[0]?.age_seconds ?? 0 };
}

export const parsePayload = (payload: string): OutboxBatch[] => JSON.parse(payload) as OutboxBatch[];
