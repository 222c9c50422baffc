import type { NewCoupon } from '../../domain/issue/issue.ts';
import type { Coupon, CouponState, Reservation } from '../../domain/lifecycle/coupon.ts';
import type { Step } from '../../domain/lifecycle/lifecycle-decision.ts';
import type { Policy } from '../../domain/policy/policy.ts';

/** The content of the PostgreSQL tables. */
export interface MemoryState {
  readonly policies: Map<bigint, StoredPolicy>;
  readonly coupons: Map<bigint, StoredCoupon>;
  readonly reservations: Map<string, Reservation>;
  readonly handledEvents: Set<string>;
  readonly history: Step[];
}

export interface StoredPolicy {
  readonly policy: Policy;
  readonly lastSequenceNo: number;
  readonly refusalEpoch: number;
}

export interface StoredCoupon {
  readonly issued: NewCoupon;
  readonly version: number;
  readonly state: CouponState;
}

export const emptyState = (): MemoryState => ({
  policies: new Map(),
  coupons: new Map(),
  reservations: new Map(),
  handledEvents: new Set(),
  history: [],
});

/** A coupon with the terms of its policy. */
export function couponWithTerms({ issued, version, state }: StoredCoupon, policy: Policy | undefined): Coupon {
  if (!policy) throw new Error(`coupon ${issued.couponId} has no policy`);
  const { terms } = policy;
  return {
    id: issued.couponId,
    userId: issued.userId,
    terms: {
      policyId: issued.policyId,
      name: terms.name,
      storeId: terms.storeId ?? null,
      timezone: terms.timezone,
      discountType: terms.discountType,
      discountValue: terms.discountValue,
      minimumOrderAmount: terms.minimumOrderAmount,
      maxDiscountAmount: terms.maxDiscountAmount ?? null,
      restoreOnRefund: terms.restoreOnRefund,
    },
    sequenceNo: issued.sequenceNo,
    code: issued.code ?? null,
    issuedAtMs: issued.issuedAtMs,
    expiresAtMs: issued.expiresAtMs,
    version,
    state,
  };
}
