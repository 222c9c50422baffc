import type { CouponStatus, DiscountType, ReservationStatus } from '../enumerations.ts';

/** The terms by which a coupon is used: those that it was issued with, unless a later version was applied to it. */
export interface CouponTerms {
  readonly policyId: bigint;
  readonly name: string;
  /** The present store of its policy, whose owner manages it. */
  readonly storeId: bigint | null;
  /** Only goods of this store are discounted; null = of any. A coupon keeps it, like the discount. */
  readonly eligibleStoreId: bigint | null;
  readonly timezone: string;
  readonly discountType: DiscountType;
  /** Smallest unit, or basis points when it is a percentage. */
  readonly discountValue: bigint;
  readonly minimumOrderAmount: bigint;
  readonly maxDiscountAmount: bigint | null;
  readonly restoreOnRefund: boolean;
  /** Its policy is suspended: it can be neither reserved nor used. */
  readonly isSuspended: boolean;
}

export type CouponState =
  | { readonly status: 'ISSUED' }
  | {
      readonly status: 'RESERVED';
      readonly reservationId: string;
      readonly orderId: string | null;
      readonly reservedAtMs: number;
    }
  | {
      readonly status: 'USED';
      /** Null: used without a reservation. */
      readonly reservation: { readonly id: string; readonly reservedAtMs: number } | null;
      readonly orderId: string | null;
      readonly usedAtMs: number;
      readonly discountAmount: bigint;
    }
  | { readonly status: 'EXPIRED' }
  /** `returned`: its unit of the policy's stock was returned. */
  | { readonly status: 'CANCELLED'; readonly returned: boolean };

export interface Coupon {
  readonly id: bigint;
  readonly userId: bigint;
  readonly terms: CouponTerms;
  readonly sequenceNo: number;
  readonly code: string | null;
  readonly issuedAtMs: number;
  /** Exclusive: at this moment it has expired. */
  readonly expiresAtMs: number;
  /** The version of its policy's terms when it was issued. */
  readonly termsVersion: number;
  /** Increases by one with every step. */
  readonly version: number;
  readonly state: CouponState;
}

export interface Reservation {
  /** Its origin, its user and the id that the caller chose: see `qualifiedId`. */
  readonly id: string;
  readonly couponId: bigint;
  readonly userId: bigint;
  readonly orderId: string | null;
  readonly orderAmount: bigint;
  /** The part of it that the coupon may discount; null: not recorded yet, when every coupon discounted whole orders. */
  readonly eligibleAmount: bigint | null;
  /** Fixed when it was reserved, never above the eligible amount. */
  readonly discountAmount: bigint;
  readonly status: ReservationStatus;
  readonly reservedAtMs: number;
  readonly expiresAtMs: number;
  /** When it left PENDING. */
  readonly endedAtMs: number | null;
  /** A payment could not be confirmed, and coupon.confirmation_failed was published. */
  readonly confirmationFailed: boolean;
}

/** PENDING and past its end, even if no scheduled task has ended it yet. */
export const isOverdue = (reservation: Reservation, nowMs: number): boolean =>
  reservation.status === 'PENDING' && nowMs >= reservation.expiresAtMs;

/** ISSUED and past its expiry is EXPIRED, even if no scheduled task has stored that yet. */
export const statusAt = ({ state, expiresAtMs }: Coupon, nowMs: number): CouponStatus =>
  state.status === 'ISSUED' && nowMs >= expiresAtMs ? 'EXPIRED' : state.status;
