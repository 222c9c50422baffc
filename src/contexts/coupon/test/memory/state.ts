import type { NewCoupon } from '../../domain/issue/issue.ts';
import type { Coupon, CouponState, Reservation } from '../../domain/lifecycle/coupon.ts';
import type { Step } from '../../domain/lifecycle/lifecycle-decision.ts';
import { effectiveVersion, type Policy } from '../../domain/policy/policy.ts';
import type { PolicyTerms } from '../../domain/policy/policy-terms.ts';

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
  /** The terms by version; the first is 1. */
  readonly terms: readonly PolicyTerms[];
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

/** A coupon with the terms that it keeps. */
export function couponWithTerms({ issued, version, state }: StoredCoupon, stored: StoredPolicy | undefined): Coupon {
  if (!stored) throw new Error(`coupon ${issued.couponId} has no policy`);
  const { policy } = stored;
  const { name, timezone, restoreOnRefund } = policy.terms;
  const terms = stored.terms[effectiveVersion(policy, issued.termsVersion) - 1];
  if (!terms) throw new Error(`policy ${policy.id} has no terms of version ${issued.termsVersion}`);
  return {
    id: issued.couponId,
    userId: issued.userId,
    terms: {
      policyId: issued.policyId,
      name,
      storeId: policy.terms.storeId ?? null,
      eligibleStoreId: terms.storeId ?? null,
      timezone,
      discountType: terms.discountType,
      discountValue: terms.discountValue,
      minimumOrderAmount: terms.minimumOrderAmount,
      maxDiscountAmount: terms.maxDiscountAmount ?? null,
      restoreOnRefund,
      isSuspended: policy.suspensionReason !== undefined,
    },
    sequenceNo: issued.sequenceNo,
    code: issued.code ?? null,
    termsVersion: issued.termsVersion,
    issuedAtMs: issued.issuedAtMs,
    expiresAtMs: issued.expiresAtMs,
    version,
    state,
  };
}
