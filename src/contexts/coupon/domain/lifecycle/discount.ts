import { minOf, portion } from '../../../../platform/kernel/money.ts';
import { type CouponRefusal, refuse } from '../../refusals.ts';
import type { CouponTerms } from './coupon.ts';

type DiscountTerms = Pick<CouponTerms, 'discountType' | 'discountValue' | 'maxDiscountAmount'>;

/** The discount of an order: at most its amount; percentages are rounded down and capped. */
export function discountOf(terms: DiscountTerms, orderAmount: bigint): bigint {
  if (terms.discountType !== 'PERCENTAGE') return minOf(terms.discountValue, orderAmount);
  const part = portion(orderAmount, terms.discountValue);
  const capped = terms.maxDiscountAmount === null ? part : minOf(part, terms.maxDiscountAmount);
  return minOf(capped, orderAmount);
}

/**
 * The discount of an order, or the refusal of a coupon that takes nothing off it: MINIMUM_ORDER_NOT_MET, or
 * COUPON_NOT_APPLICABLE when the discount would be 0.
 * @param orderAmount null: unknown, which only a fixed discount of no store and without a minimum allows
 */
export function discountFor(terms: CouponTerms, orderAmount: bigint | null): bigint | CouponRefusal {
  const { minimumOrderAmount } = terms;
  if ((orderAmount ?? 0n) < minimumOrderAmount)
    return refuse('MINIMUM_ORDER_NOT_MET', { minimumOrderAmount: String(minimumOrderAmount) });
  if (orderAmount !== null) {
    const discount = discountOf(terms, orderAmount);
    return discount > 0n ? discount : refuse('COUPON_NOT_APPLICABLE', { reason: 'Its discount would be 0.' });
  }
  const isKnown = terms.discountType === 'FIXED_AMOUNT' && terms.eligibleStoreId === null;
  return isKnown
    ? terms.discountValue
    : refuse('COUPON_NOT_APPLICABLE', { reason: 'This coupon needs the amount of the order: send orderAmount.' });
}
