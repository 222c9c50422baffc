import type pg from 'pg';
import type { Measurement } from './clock-estimate.ts';
import type { NodeLease } from './node-lease.ts';

/** A node whose clock is further from the database's than this shows it. */
export const SKEW_MAX_MS = 2_000;

const PUBLISH = `
  update platform.node_leases set clock_offset_ms = $2, clock_measured_at = to_timestamp($3::float8 / 1000)
  where holder = $1`;

// A measurement from before this node's own may be of another primary, whose clock was right. After a failover to a clock that is
// behind, old measurements lie in the future.
const PEER_AGREES = `
  select exists (
    select from platform.node_leases
    where holder <> $1 and expires_at > clock_timestamp() and abs(clock_offset_ms) <= ${SKEW_MAX_MS}
      and clock_measured_at >= to_timestamp($2::float8 / 1000) and clock_measured_at <= clock_timestamp()) as "agrees"`;

/** Distinguishes a wrong clock of this node from a wrong clock of the database, by the measurements of other nodes. */
export interface ClockPeers {
  /** Publishes a measurement of this node. */
  publish(measurement: Measurement): Promise<void>;
  /** Is this node's clock more than 2 s from the database's? */
  isSkewed(): boolean;
  /**
   * Returns whether this node's clock is the wrong one: true when it is skewed and another live node, which measured later, agrees with the
   * database. So of several nodes at least one stays, and after a failover to a host with a wrong clock all do.
   */
  isOnlyOwnClockWrong(): Promise<boolean>;
}

export function clockPeers(pool: Pick<pg.Pool, 'query'>, { holder }: Pick<NodeLease, 'holder'>): ClockPeers {
  let last: Measurement | undefined;
  /** By the database's clock: the first measurement of the present skew. */
  let skewedSinceMs: number | undefined;
  return {
    async publish(measurement) {
      const { offsetMs, databaseMs } = measurement;
      const isAsBefore = last !== undefined && Math.abs(last.offsetMs - offsetMs) <= SKEW_MAX_MS;
      last = measurement;
      if (Math.abs(offsetMs) <= SKEW_MAX_MS) skewedSinceMs = undefined;
      else if (skewedSinceMs === undefined || !isAsBefore) skewedSinceMs = databaseMs;
      await pool.query(PUBLISH, [holder, offsetMs, databaseMs]);
    },
    isSkewed: () => skewedSinceMs !== undefined,
    async isOnlyOwnClockWrong() {
      if (skewedSinceMs === undefined) return false;
      const { rows } = await pool.query<{ agrees: boolean }>(PEER_AGREES, [holder, skewedSinceMs]);
      return rows[0]?.agrees ?? false;
    },
  };
}
