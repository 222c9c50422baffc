import type pg from 'pg';
import type { Outward } from '../../domain/delivery.ts';

/** What waits on a channel. */
export interface Waiting {
  readonly channel: Outward;
  readonly count: number;
  /** By how many seconds the oldest one is late, with the time of an outage; 0 when none is. */
  readonly lateSeconds: number;
}

/** Reads the index of what is due, and no row. */
const WAITING = `
  select channel, count(*)::float8 as count, greatest(extract(epoch from $1::timestamptz - min(coalesce(planned_at, due_at)))::float8, 0) as "lateSeconds"
  from notification.deliveries where state in ('PENDING', 'SENDING') group by channel`;

/** Channels without a waiting delivery are left out. */
export const waitingDeliveries =
  (pool: pg.Pool) =>
  async (at: Date): Promise<readonly Waiting[]> =>
    (await pool.query<Waiting>(WAITING, [at])).rows;
