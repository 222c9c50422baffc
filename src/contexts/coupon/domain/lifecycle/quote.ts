import type { CouponRefusal } from '../../refusals.ts';
import { couponExpiry } from '../issue/coupon-expiry.ts';
import type { Policy } from '../policy/policy.ts';
import type { Coupon } from './coupon.ts';
import { type Cart, discountFor } from './discount.ts';
import { refusalOfUse } from './lifecycle-outcome.ts';
import { refusalOfHolds } from './reserve.ts';

/** A coupon, and the end of the PENDING reservation that holds it; null: none does. */
export interface QuotableCoupon {
  readonly coupon: Coupon;
  readonly heldUntilMs: number | null;
}

/**
 * What reserving the coupon for this cart now would take off it, or its refusal: the rules of `reserve`, without an order.
 * @param holds how many coupons the user has reserved
 */
export function quoteOf(
  { coupon, heldUntilMs }: QuotableCoupon,
  cart: Cart,
  holds: number,
  nowMs: number,
): bigint | CouponRefusal {
  // Reserving ends an overdue reservation first.
  const isOverdue = heldUntilMs !== null && nowMs >= heldUntilMs;
  const free: Coupon = isOverdue ? { ...coupon, state: { status: 'ISSUED' } } : coupon;
  const unusable = refusalOfUse(free, nowMs);
  if (unusable) return unusable;
  const discount = discountFor(coupon.terms, cart);
  return typeof discount === 'bigint' ? (refusalOfHolds(holds) ?? discount) : discount;
}

/** The coupon that a policy would issue to a user now, as far as a quote looks at it. It has no id yet. */
export function couponToIssue({ id: policyId, terms, ...policy }: Policy, userId: bigint, nowMs: number): Coupon {
  const { maxDiscountAmount = null, storeId = null, validDays = null, expireAt, timezone } = terms;
  return {
    id: 0n,
    userId,
    terms: {
      policyId,
      name: terms.name,
      storeId,
      eligibleStoreId: storeId,
      timezone,
      discountType: terms.discountType,
      discountValue: terms.discountValue,
      minimumOrderAmount: terms.minimumOrderAmount,
      maxDiscountAmount,
      restoreOnRefund: terms.restoreOnRefund,
      isSuspended: policy.suspensionReason !== undefined,
    },
    sequenceNo: 0,
    code: null,
    issuedAtMs: nowMs,
    expiresAtMs: couponExpiry({ validDays, expireAtMs: expireAt?.getTime() ?? null, timezone }, nowMs),
    termsVersion: policy.termsVersion,
    version: 1,
    state: { status: 'ISSUED' },
  };
}
