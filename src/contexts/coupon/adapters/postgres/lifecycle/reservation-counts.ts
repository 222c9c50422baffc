import type { Database } from '../../../../../platform/postgres/database.ts';
import { inTransaction } from '../../../../../platform/postgres/transaction.ts';
import type { ReservationCounts } from '../../../application/lifecycle/ports.ts';

// The lock of every batch that reserves for the user: what is counted after it is what was reserved before it.
const LOCK_USER = `select pg_advisory_xact_lock(hashtextextended('coupon.user:' || $1::bigint, 0))`;

const BEGIN = `
  insert into coupon.reservation_counts as counts (user_id, token, is_ended, counted_at) values ($1, $2, false, now())
  on conflict (user_id) do update set token = excluded.token, is_ended = false, counted_at = excluded.counted_at
  where counts.token < excluded.token`;
const NEWEST = 'select token from coupon.reservation_counts where user_id = $1';
const COUNT = `
  select count(*)::int as pending from coupon.coupon_reservations
  where user_id = $1 and status = 'PENDING' and expires_at > $2`;

const END = 'update coupon.reservation_counts set is_ended = true where user_id = $1 and token = $2';
// After a day no request that counted is still on its way.
const FORGET = `
  delete from coupon.reservation_counts where user_id = any(array(
    select user_id from coupon.reservation_counts where is_ended and counted_at < now() - interval '1 day'
    limit 100 for update skip locked))`;

export const postgresReservationCounts = ({
  pool,
  readTime,
}: Pick<Database, 'pool' | 'readTime'>): ReservationCounts => ({
  async begin(userId, token) {
    const nowMs = await readTime();
    return await inTransaction(pool, async (client) => {
      await client.query(LOCK_USER, [userId]);
      await client.query(BEGIN, [userId, token]);
      const [newest] = (await client.query<{ token: bigint }>(NEWEST, [userId])).rows;
      const [count] = (await client.query<{ pending: number }>(COUNT, [userId, new Date(nowMs)])).rows;
      if (newest === undefined || count === undefined) throw new Error('the count has no row');
      return { newest: newest.token, pending: count.pending };
    });
  },
  async end(userId, token) {
    await pool.query(END, [userId, token]);
    await pool.query(FORGET);
  },
});
