import { DAY_MS } from '../../../platform/kernel/durations.ts';
import type { ReservationStatus } from '../domain/enumerations.ts';
import type { Coupon, CouponState, Reservation } from '../domain/lifecycle/coupon.ts';
import type { LifecycleSnapshot } from '../domain/lifecycle/lifecycle-decision.ts';
import { NOW_MS } from './policies.ts';

export const HOLD_MS = 600_000;

export const COUPON: Coupon = {
  id: 1n,
  userId: 7n,
  terms: {
    policyId: 2n,
    name: 'Opening day',
    storeId: 3n,
    eligibleStoreId: null,
    timezone: 'Asia/Seoul',
    discountType: 'FIXED_AMOUNT',
    discountValue: 1_000n,
    minimumOrderAmount: 0n,
    maxDiscountAmount: null,
    restoreOnRefund: true,
    isSuspended: false,
  },
  sequenceNo: 1,
  code: null,
  issuedAtMs: NOW_MS - DAY_MS,
  expiresAtMs: NOW_MS + DAY_MS,
  termsVersion: 1,
  version: 3,
  state: { status: 'ISSUED' },
};
/** The reservation r1 of the coupon, for the order o1. */
export const r1 = (status: ReservationStatus, changed: Partial<Reservation> = {}): Reservation => ({
  id: 'r1',
  couponId: 1n,
  userId: 7n,
  orderId: 'o1',
  orderAmount: 5_000n,
  eligibleAmount: null,
  discountAmount: 1_000n,
  status,
  reservedAtMs: NOW_MS - 60_000,
  expiresAtMs: NOW_MS + 60_000,
  endedAtMs: status === 'PENDING' ? null : NOW_MS - 1,
  confirmationFailed: false,
  ...changed,
});
/** The coupon, reserved by r1. */
export const RESERVED: CouponState = {
  status: 'RESERVED',
  reservationId: 'r1',
  orderId: 'o1',
  reservedAtMs: NOW_MS - 60_000,
};
/** The coupon, used by a reservation or without one. */
export const used = (reservation: 'r1' | null): CouponState => ({
  status: 'USED',
  reservation: reservation && { id: reservation, reservedAtMs: NOW_MS - 60_000 },
  orderId: 'o1',
  usedAtMs: NOW_MS - 1,
  discountAmount: 1_000n,
});

/** A coupon, and the reservation that it has or had. */
export interface Situation {
  readonly coupon: Coupon;
  readonly reservation?: Reservation;
}
/** Their state for a decision; the event e1 is new, and the policy is exhausted. */
export function snapshotOf({ coupon, reservation }: Situation): LifecycleSnapshot {
  const policy = { id: 2n, name: '', storeId: null, validFromMs: 0, validUntilMs: 1, issuedCount: 1, refusalEpoch: 4 };
  return {
    coupons: new Map([[1n, coupon]]),
    reservations: new Map(reservation ? [[reservation.id, reservation]] : []),
    directUses: [],
    policies: new Map([[2n, { ...policy, status: 'EXHAUSTED' }]]),
    unclaimedEvents: new Set(['e1']),
  };
}
