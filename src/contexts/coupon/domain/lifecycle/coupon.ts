/** What a policy says of the use of its coupons, as it is now. */
export interface CouponTerms {
  readonly policyId: bigint;
  readonly name: string;
  readonly storeId: bigint | null;
  readonly timezone: string;
  readonly discountType: string;
  /** Smallest unit, or basis points when it is a percentage. */
  readonly discountValue: bigint;
  readonly minimumOrderAmount: bigint;
  readonly maxDiscountAmount: bigint | null;
  readonly restoreOnRefund: boolean;
  readonly createdBy: bigint;
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
      /** Null: used directly. */
      readonly reservation: { readonly id: string; readonly reservedAtMs: number } | null;
      readonly orderId: string | null;
      readonly usedAtMs: number;
      readonly discountAmount: bigint;
    }
  | { readonly status: 'EXPIRED' }
  /** `returned`: its place in the policy's stock was given back. */
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
  /** Rises by one with every step of its life. */
  readonly version: number;
  readonly state: CouponState;
}

export type ReservationStatus = 'PENDING' | 'CONFIRMED' | 'CANCELLED' | 'EXPIRED';

export interface Reservation {
  /** Chosen by the caller. */
  readonly id: string;
  readonly couponId: bigint;
  readonly userId: bigint;
  readonly orderId: string | null;
  readonly orderAmount: bigint;
  /** Frozen when it was reserved, never above orderAmount. */
  readonly discountAmount: bigint;
  readonly status: ReservationStatus;
  readonly reservedAtMs: number;
  readonly expiresAtMs: number;
  /** When it became something else than PENDING. */
  readonly endedAtMs: number | null;
  /** Its payment could not be confirmed, and that was published. */
  readonly confirmationFailed: boolean;
}

/** PENDING and out of time, whether or not a job has ended it. */
export const isOverdue = (reservation: Reservation, nowMs: number): boolean =>
  reservation.status === 'PENDING' && nowMs >= reservation.expiresAtMs;

/** ISSUED and out of time is EXPIRED, whether or not a job has said so. */
export const statusAt = ({ state, expiresAtMs }: Coupon, nowMs: number): CouponState['status'] =>
  state.status === 'ISSUED' && nowMs >= expiresAtMs ? 'EXPIRED' : state.status;
