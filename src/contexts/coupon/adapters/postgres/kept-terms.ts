import { tableMapping } from '../../../../platform/postgres/table-mapping.ts';
import { couponPolicies, couponPolicyTerms } from './schema.ts';

/** The terms that a coupon keeps, and the columns that have the latest of them. */
const KEPT = {
  discountType: couponPolicies.discountType,
  discountValue: couponPolicies.discountValue,
  minimumOrderAmount: couponPolicies.minimumOrderAmount,
  maxDiscountAmount: couponPolicies.maxDiscountAmount,
  eligibleStoreId: couponPolicies.storeId,
} as const;

/** Read of `KEPT_COLUMNS`. */
export const KEPT_TERMS = tableMapping(couponPolicyTerms, {
  discountType: couponPolicyTerms.discountType,
  discountValue: couponPolicyTerms.discountValue,
  minimumOrderAmount: couponPolicyTerms.minimumOrderAmount,
  maxDiscountAmount: couponPolicyTerms.maxDiscountAmount,
  eligibleStoreId: couponPolicyTerms.eligibleStoreId,
} satisfies Record<keyof typeof KEPT, unknown>);

const EFFECTIVE = 'greatest(i.terms_version, p.terms_floor)';

/**
 * Joins the terms `t` of a coupon `i` whose policy `p` has newer ones. A coupon with the present version compares with null,
 * which costs no look-up: most coupons have the terms that the row of their policy has.
 */
export const JOIN_EARLIER_TERMS = `
  left join coupon.coupon_policy_terms t
    on t.policy_id = p.id and t.version = case when ${EFFECTIVE} < p.terms_version then ${EFFECTIVE} end`;

/** For SELECT: the terms of the coupon, and which version they are. Goes with JOIN_EARLIER_TERMS. */
export const KEPT_COLUMNS = [
  ...Object.entries(KEPT).map(([name, { name: latest }]) => {
    const column = couponPolicyTerms[name as keyof typeof KEPT].name;
    return `case when t.version is null then p.${latest} else t.${column} end as ${column}`;
  }),
  'coalesce(t.version, p.terms_version) as effective_version',
].join(', ');

/** The column of KEPT_COLUMNS that is in no table. */
export interface EffectiveVersion {
  readonly effective_version: number;
}
