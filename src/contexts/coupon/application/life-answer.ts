import type { Clock } from '../../../platform/kernel/clock.ts';
import type { CouponResponse, ReservationResponse } from '../api.ts';
import type { LifeOutcome } from '../domain/life-decision.ts';
import type { CouponLife } from './coupon-life.ts';
import { refusal } from './outcome.ts';
import { shownCoupon, shownReservation, shownUserCoupon } from './shown-coupon.ts';

/** What an operation on a living coupon needs. */
export interface LifeOperation {
  readonly life: CouponLife;
  readonly clock: Clock;
}

export function reservationAnswer(outcome: LifeOutcome, nowMs: number): ReservationResponse {
  if (outcome.kind === 'refused') return refusal(outcome.refusal);
  if (outcome.kind === 'ignored' || outcome.reservation === null) throw new Error('an answer without a reservation');
  const { coupon, reservation } = outcome;
  const value = { reservation: shownReservation(reservation), coupon: shownUserCoupon(coupon, nowMs) };
  return { outcome: { $case: 'reserved', value } };
}

export function couponAnswer(outcome: LifeOutcome, nowMs: number): CouponResponse {
  if (outcome.kind === 'refused') return refusal(outcome.refusal);
  if (outcome.kind === 'ignored') throw new Error('an answer without a coupon');
  return { outcome: { $case: 'coupon', value: shownCoupon(outcome.coupon, nowMs) } };
}
