import { arrayLiteral } from '../../../../../platform/postgres/array-literal.ts';
import type { Database } from '../../../../../platform/postgres/database.ts';
import type { OwnCoupons } from '../../../application/queries/ports.ts';
import type { CouponTerms } from '../../../domain/lifecycle/coupon.ts';
import { JOIN_EARLIER_TERMS } from '../kept-terms.ts';
import { COUPON_COLUMNS, type CouponRow, toCoupon } from '../lifecycle/lifecycle-mappings.ts';

const FIND = `
  select ${COUPON_COLUMNS}
  from coupon.coupon_issues i join coupon.coupon_policies p on p.id = i.policy_id ${JOIN_EARLIER_TERMS}
  where i.id = any($2::bigint[]) and i.user_id = $1`;

export function postgresOwnCoupons({ pool }: Pick<Database, 'pool'>): OwnCoupons {
  return {
    async find(userId, couponIds) {
      const { rows } = await pool.query<CouponRow>(FIND, [userId, arrayLiteral(couponIds)]);
      const terms = new Map<string, CouponTerms>();
      return rows.map((row) => toCoupon(row, terms));
    },
  };
}
