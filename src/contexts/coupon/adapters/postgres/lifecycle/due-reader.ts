import type { Database } from '../../../../../platform/postgres/database.ts';
import type { DueReader } from '../../../application/lifecycle/ports.ts';

// Both read the first entries of a partial index. Pages are large because processed entries stay in the index until it
// is vacuumed, and every page passes over them again.
const RESERVATIONS = `
  select id from coupon.coupon_reservations where status = 'PENDING' and expires_at <= $1 order by expires_at limit $2`;
const COUPONS = `
  select id from coupon.coupon_issues where status = 'ISSUED' and expires_at <= $1 order by expires_at limit $2`;

export function postgresDueReader({ pool }: Database): DueReader {
  return {
    async reservations(now, limit) {
      const { rows } = await pool.query<{ id: string }>(RESERVATIONS, [now, limit]);
      return rows.map(({ id }) => id);
    },
    async coupons(now, limit) {
      const { rows } = await pool.query<{ id: bigint }>(COUPONS, [now, limit]);
      return rows.map(({ id }) => id);
    },
  };
}
