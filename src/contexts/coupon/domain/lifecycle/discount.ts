import { minOf, portion } from '../../../../platform/kernel/money.ts';
import type { CouponTerms } from './coupon.ts';

type DiscountTerms = Pick<CouponTerms, 'discountType' | 'discountValue' | 'maxDiscountAmount'>;

/** What a coupon takes off an order: never more than the order, percentages rounded down and capped. */
export function discountOf(terms: DiscountTerms, orderAmount: bigint): bigint {
  if (terms.discountType !== 'PERCENTAGE') return minOf(terms.discountValue, orderAmount);
  const part = portion(orderAmount, terms.discountValue);
  const capped = terms.maxDiscountAmount === null ? part : minOf(part, terms.maxDiscountAmount);
  return minOf(capped, orderAmount);
}

/** Of a use without an order: a fixed amount is known, a share of nothing known is 0. */
export const discountWithoutOrder = (terms: DiscountTerms): bigint =>
  terms.discountType === 'PERCENTAGE' ? 0n : terms.discountValue;
