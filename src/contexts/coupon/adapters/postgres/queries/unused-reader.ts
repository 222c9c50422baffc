import type { Database } from '../../../../../platform/postgres/database.ts';
import type { DueCoupon } from '../../../api.ts';
import type { UnusedReader } from '../../../application/queries/ports.ts';

/** Pages of the index of expiry: each begins where the last one ended. The policies of a page are few. */
const DUE = `
  with due as materialized (
    select id, user_id, policy_id, expires_at from coupon.coupon_issues
    where status = 'ISSUED' and expires_at >= $1 and expires_at < $2 and (expires_at, id) > ($3, $4)
    order by expires_at, id limit $5
  )
  select d.id as "couponId", d.user_id as "userId", d.policy_id as "policyId", p.name, d.expires_at as "expiresAt"
  from due as d join coupon.coupon_policies as p on p.id = d.policy_id
  order by d.expires_at, d.id`;

const UNUSED = `select id from coupon.coupon_issues where id = any($1::bigint[]) and status in ('ISSUED', 'RESERVED')`;

/** Due coupons are read where reads may lag; whether one was used meanwhile is not. */
export const postgresUnusedReader = ({ pool, recentReads }: Database): UnusedReader => ({
  async due({ from, to, after, limit }) {
    const values = [from, to, after?.expiresAt ?? from, after?.couponId ?? 0n, limit];
    return (await recentReads.query<DueCoupon>(DUE, values)).rows;
  },
  async unusedOf(couponIds) {
    const { rows } = await pool.query<{ id: bigint }>(UNUSED, [couponIds]);
    return rows.map(({ id }) => id);
  },
});
