import { type CouponRefusal, refuse } from '../../refusals.ts';
import { type Coupon, type Reservation, statusAt } from './coupon.ts';
import type { LifecycleOutcome } from './lifecycle-decision.ts';

export const done = (coupon: Coupon, reservation: Reservation | null): LifecycleOutcome => ({
  kind: 'done',
  coupon,
  reservation,
});

export const IGNORED: LifecycleOutcome = { kind: 'ignored' };

export const refused = (refusal: CouponRefusal): LifecycleOutcome => ({ kind: 'refused', refusal });

export const conflict = (reason: string): LifecycleOutcome => refused(refuse('RESERVATION_CONFLICT', { reason }));

const expiredRefusal = (coupon: Coupon): CouponRefusal =>
  refuse('COUPON_EXPIRED', { expiresAt: new Date(coupon.expiresAtMs).toISOString() });

export const couponExpired = (coupon: Coupon): LifecycleOutcome => refused(expiredRefusal(coupon));

export const reservationExpired = (reservation: Reservation): LifecycleOutcome =>
  refused(refuse('RESERVATION_EXPIRED', { expiresAt: new Date(reservation.expiresAtMs).toISOString() }));

/** Why a coupon can be neither reserved nor used now. Undefined: it is ISSUED, has not expired, and its policy is not suspended. */
export function refusalOfUse(coupon: Coupon, nowMs: number): CouponRefusal | undefined {
  switch (statusAt(coupon, nowMs)) {
    case 'ISSUED':
      return coupon.terms.isSuspended ? refuse('POLICY_SUSPENDED') : undefined;
    case 'RESERVED':
      return refuse('RESERVATION_CONFLICT', { reason: 'The coupon is reserved for an order.' });
    case 'USED':
      return refuse('COUPON_ALREADY_USED');
    case 'EXPIRED':
      return expiredRefusal(coupon);
    case 'CANCELLED':
      return refuse('COUPON_NOT_AVAILABLE', { couponStatus: 'CANCELLED' });
  }
}
