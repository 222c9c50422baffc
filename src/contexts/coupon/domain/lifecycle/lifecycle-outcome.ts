import { type CouponRefusal, refuse } from '../../refusals.ts';
import type { Coupon, Reservation } from './coupon.ts';
import type { LifecycleOutcome } from './lifecycle-decision.ts';

export const done = (coupon: Coupon, reservation: Reservation | null): LifecycleOutcome => ({
  kind: 'done',
  coupon,
  reservation,
});

export const IGNORED: LifecycleOutcome = { kind: 'ignored' };

export const refused = (refusal: CouponRefusal): LifecycleOutcome => ({ kind: 'refused', refusal });

export const conflict = (reason: string): LifecycleOutcome => refused(refuse('RESERVATION_CONFLICT', { reason }));

export const couponExpired = (coupon: Coupon): LifecycleOutcome =>
  refused(refuse('COUPON_EXPIRED', { expiresAt: new Date(coupon.expiresAtMs).toISOString() }));

export const reservationExpired = (reservation: Reservation): LifecycleOutcome =>
  refused(refuse('RESERVATION_EXPIRED', { expiresAt: new Date(reservation.expiresAtMs).toISOString() }));

export const withdrawn = (): LifecycleOutcome => refused(refuse('COUPON_NOT_AVAILABLE', { couponStatus: 'CANCELLED' }));
