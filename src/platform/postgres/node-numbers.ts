import type pg from 'pg';
import { NODE_MAX } from '../kernel/ids.ts';
import { Unavailable } from '../kernel/refusal.ts';

/** How long a number belongs to its holder after the last renewal, by the database's clock. */
export const LEASE_MS = 60_000;
/** How long a number stays unused after its lease: longer than the timers of a busy process are late. */
const REST_MS = 5_000;

type Queryable = Pick<pg.Pool, 'query'>;

/** Selects the number that was unused for the longest time. Concurrent processes skip rows that another one has locked. */
const ACQUIRE = `
  update platform.node_leases
  set holder = $1, expires_at = clock_timestamp() + make_interval(secs => $2), ids_until_ms = $3::bigint + ${LEASE_MS},
    taken_at = clock_timestamp(), clock_offset_ms = null, clock_measured_at = null, files_place = null, secret_checks = $7::text[]
  where node = (
    select node from platform.node_leases
    where expires_at < clock_timestamp() - make_interval(secs => $4) and ids_until_ms < $3::bigint
      and node between $5 and $6
    order by expires_at, node
    limit 1
    for update skip locked)
  returning node::int, ids_until_ms::float8 as until_ms`;

/** Numbers from `first` to `last`. */
export interface NodeRange {
  readonly first: number;
  readonly last: number;
}
export const ALL_NODES: NodeRange = { first: 0, last: NODE_MAX };

/** @throws Unavailable when all numbers of the range are taken, or used by processes whose clocks are ahead of this one's */
export async function acquireNumber(
  pool: Queryable,
  {
    holder,
    nowMs,
    range,
    processChecks,
  }: { holder: string; nowMs: number; range: NodeRange; processChecks: readonly string[] },
): Promise<{ node: number; untilMs: number }> {
  const values = [holder, LEASE_MS / 1000, nowMs, REST_MS / 1000, range.first, range.last, processChecks];
  const { rows } = await pool.query<{ node: number; until_ms: number }>(ACQUIRE, values);
  const row = rows[0];
  if (row === undefined)
    throw new Unavailable('DEPENDENCY_UNAVAILABLE', `all ${range.last - range.first + 1} node numbers are leased`, 5);
  return { node: row.node, untilMs: row.until_ms };
}

/** An expired lease that no other process took is renewed like any other. */
const RENEW = `
  update platform.node_leases
  set expires_at = clock_timestamp() + make_interval(secs => $3),
    ids_until_ms = greatest(ids_until_ms, $4::bigint + ${LEASE_MS})
  where node = $1 and holder = $2
  returning ids_until_ms::float8 as until_ms`;

/** The last millisecond that ids may carry now, or undefined when the number belongs to another holder. */
export async function renewNumber(
  pool: Queryable,
  { node, holder, nowMs }: { node: number; holder: string; nowMs: number },
): Promise<number | undefined> {
  const { rows } = await pool.query<{ until_ms: number }>(RENEW, [node, holder, LEASE_MS / 1000, nowMs]);
  return rows[0]?.until_ms;
}

const RELEASE = `
  update platform.node_leases
  set holder = null, expires_at = clock_timestamp(), files_place = null, secret_checks = null, ids_until_ms = least(ids_until_ms, $3::bigint)
  where node = $1 and holder = $2`;

/** Frees a number. `usedUntilMs`: no id of this or an earlier holder carries a later millisecond. */
export async function releaseNumber(
  pool: Queryable,
  { node, holder, usedUntilMs }: { node: number; holder: string; usedUntilMs: number },
): Promise<void> {
  await pool.query(RELEASE, [node, holder, usedUntilMs]);
}
