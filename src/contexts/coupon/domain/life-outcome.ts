import { refuse } from '../../../platform/kernel/refusal.ts';
import type { CouponRefusalCode } from '../api.ts';
import type { Coupon, Reservation } from './coupon.ts';
import type { LifeOutcome } from './life-decision.ts';

export const done = (coupon: Coupon, reservation: Reservation | null): LifeOutcome => ({
  kind: 'done',
  coupon,
  reservation,
});

export const IGNORED: LifeOutcome = { kind: 'ignored' };

export const refused = (code: CouponRefusalCode, details: Readonly<Record<string, string>> = {}): LifeOutcome => ({
  kind: 'refused',
  refusal: refuse(code, details),
});

export const conflict = (reason: string): LifeOutcome => refused('RESERVATION_CONFLICT', { reason });

export const couponExpired = (coupon: Coupon): LifeOutcome =>
  refused('COUPON_EXPIRED', { expiresAt: new Date(coupon.expiresAtMs).toISOString() });

export const reservationExpired = (reservation: Reservation): LifeOutcome =>
  refused('RESERVATION_EXPIRED', { expiresAt: new Date(reservation.expiresAtMs).toISOString() });

export const withdrawn = (): LifeOutcome => refused('COUPON_NOT_AVAILABLE', { couponStatus: 'CANCELLED' });
