import { CouponResponse, ReservationResponse } from '../../../gen/stampede/coupon/v1/coupon.ts';
import type { Clock } from '../../../platform/kernel/clock.ts';
import { type CommandKey, executeOnce } from '../../../platform/kernel/command-key.ts';
import type { LifeCommand } from '../domain/life-command.ts';
import type { LifeOutcome } from '../domain/life-decision.ts';
import type { CouponLife } from './coupon-life.ts';
import { refusal } from './outcome.ts';
import { shownCoupon, shownReservation, shownUserCoupon } from './shown-coupon.ts';

/** What an operation on a living coupon needs. */
export interface LifeOperation {
  readonly life: CouponLife;
  readonly clock: Clock;
}

/** Submits a command about a reservation, once for its key. */
export const changeReservation = (
  { life, clock }: LifeOperation,
  command: LifeCommand,
  commandKey: CommandKey | undefined,
): Promise<ReservationResponse> =>
  executeOnce(
    commandKey,
    {
      type: ReservationResponse,
      refused: refusal,
      respond: (outcome: LifeOutcome) => reservationAnswer(outcome, clock()),
    },
    (keep) => life.submitOnce({ ...command, keep }),
  );

/** Submits a command about a coupon, once for its key. */
export const changeCoupon = (
  { life, clock }: LifeOperation,
  command: LifeCommand,
  commandKey: CommandKey | undefined,
): Promise<CouponResponse> =>
  executeOnce(
    commandKey,
    { type: CouponResponse, refused: refusal, respond: (outcome: LifeOutcome) => couponAnswer(outcome, clock()) },
    (keep) => life.submitOnce({ ...command, keep }),
  );

function reservationAnswer(outcome: LifeOutcome, nowMs: number): ReservationResponse {
  if (outcome.kind === 'refused') return refusal(outcome.refusal);
  if (outcome.kind === 'ignored' || outcome.reservation === null) throw new Error('an answer without a reservation');
  const { coupon, reservation } = outcome;
  const value = { reservation: shownReservation(reservation), coupon: shownUserCoupon(coupon, nowMs) };
  return { outcome: { $case: 'reserved', value } };
}

function couponAnswer(outcome: LifeOutcome, nowMs: number): CouponResponse {
  if (outcome.kind === 'refused') return refusal(outcome.refusal);
  if (outcome.kind === 'ignored') throw new Error('an answer without a coupon');
  return { outcome: { $case: 'coupon', value: shownCoupon(outcome.coupon, nowMs) } };
}
