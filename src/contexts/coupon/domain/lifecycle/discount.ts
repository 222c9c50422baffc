import { minOf, portion } from '../../../../platform/kernel/money.ts';
import type { CouponTerms } from './coupon.ts';

type DiscountTerms = Pick<CouponTerms, 'discountType' | 'discountValue' | 'maxDiscountAmount'>;

/** The discount of an order: at most its amount; percentages are rounded down and capped. */
export function discountOf(terms: DiscountTerms, orderAmount: bigint): bigint {
  if (terms.discountType !== 'PERCENTAGE') return minOf(terms.discountValue, orderAmount);
  const part = portion(orderAmount, terms.discountValue);
  const capped = terms.maxDiscountAmount === null ? part : minOf(part, terms.maxDiscountAmount);
  return minOf(capped, orderAmount);
}

/** The discount of a use without an order: a fixed amount is known, a percentage of an unknown amount counts as 0. */
export const discountWithoutOrder = (terms: DiscountTerms): bigint =>
  terms.discountType === 'PERCENTAGE' ? 0n : terms.discountValue;
