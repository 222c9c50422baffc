import type pg from 'pg';

/** The node that holds this advisory lock relays the outbox. The arguments of pg_advisory_lock. */
export const RELAY_LOCK = `hashtext('stampede'), hashtext('outbox relay')`;

const IS_HELD = `
  select exists (
    select from pg_locks where locktype = 'advisory' and granted and objsubid = 2
      and database = (select oid from pg_database where datname = current_database())
      and (classid::bigint, objid::bigint) = (select a::oid::bigint, b::oid::bigint from (select ${RELAY_LOCK}) as lock(a, b))
  ) as held`;

/** Returns whether a node currently relays this database's events. */
export async function isRelayed(client: Pick<pg.ClientBase, 'query'>): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(IS_HELD);
  return rows[0]?.held === true;
}
