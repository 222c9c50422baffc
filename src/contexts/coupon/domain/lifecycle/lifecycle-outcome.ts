import { refuse } from '../../../../platform/kernel/refusal.ts';
import type { CouponRefusalCode } from '../../api.ts';
import type { Coupon, Reservation } from './coupon.ts';
import type { LifecycleOutcome } from './lifecycle-decision.ts';

export const done = (coupon: Coupon, reservation: Reservation | null): LifecycleOutcome => ({
  kind: 'done',
  coupon,
  reservation,
});

export const IGNORED: LifecycleOutcome = { kind: 'ignored' };

export const refused = (code: CouponRefusalCode, details: Readonly<Record<string, string>> = {}): LifecycleOutcome => ({
  kind: 'refused',
  refusal: refuse(code, details),
});

export const conflict = (reason: string): LifecycleOutcome => refused('RESERVATION_CONFLICT', { reason });

export const couponExpired = (coupon: Coupon): LifecycleOutcome =>
  refused('COUPON_EXPIRED', { expiresAt: new Date(coupon.expiresAtMs).toISOString() });

export const reservationExpired = (reservation: Reservation): LifecycleOutcome =>
  refused('RESERVATION_EXPIRED', { expiresAt: new Date(reservation.expiresAtMs).toISOString() });

export const withdrawn = (): LifecycleOutcome => refused('COUPON_NOT_AVAILABLE', { couponStatus: 'CANCELLED' });
