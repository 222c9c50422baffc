import type { Database } from '../../../../../platform/postgres/database.ts';
import type { RowOf } from '../../../../../platform/postgres/table-mapping.ts';
import type { PolicyCoupons } from '../../../application/queries/ports.ts';
import type { CouponStatus } from '../../../domain/enumerations.ts';
import { COUPON } from './coupon-reader.ts';

// At time $2. With a user the index of holdings finds the few coupons that are theirs; compared as a whole, because the planner might
// otherwise walk the index of the policy until it has a page of this user.
const listOfPolicy = (ofUser: boolean, withStatus: boolean) => `
  with found as ${ofUser ? 'materialized ' : ''}(
    select i.*, case when i.status = 'ISSUED' and i.expires_at <= $2::timestamptz then 'EXPIRED' else i.status end as status_now
    from coupon.coupon_issues i
    where ${ofUser ? '(i.user_id, i.policy_id) >= ($6, $1) and (i.user_id, i.policy_id) <= ($6, $1)' : 'i.policy_id = $1 and $6::bigint is null'}
      and i.sequence_no >= $3 and i.sequence_no < $4
  )
  select ${COUPON.columns('i')}, i.status_now as status
  from found i where ${withStatus ? 'i.status_now = $7' : '$7::text is null'} order by i.sequence_no desc limit $5`;

export function postgresPolicyCoupons({
  pool,
  completeReads,
}: Pick<Database, 'pool' | 'completeReads'>): PolicyCoupons {
  return {
    async list({ policyId, userId, status, now, from, before, limit, isExport }) {
      const text = listOfPolicy(userId !== undefined, status !== undefined);
      const values = [policyId, now, from, before, limit, userId ?? null, status ?? null];
      const { rows } = await (isExport ? completeReads : pool).query<PolicyCouponRow>(text, values);
      return rows.map((row) => COUPON.read(row, { status: row.status }));
    },
  };
}

type PolicyCouponRow = RowOf<typeof COUPON> & { readonly status: CouponStatus };
