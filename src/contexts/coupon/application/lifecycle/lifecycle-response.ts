import type { Clock } from '../../../../platform/kernel/clock.ts';
import { type CommandKey, executeOnce } from '../../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { type CouponResponse, type ReservationResponse, stored } from '../../api.ts';
import type { LifecycleCommand } from '../../domain/lifecycle/lifecycle-command.ts';
import type { LifecycleOutcome } from '../../domain/lifecycle/lifecycle-decision.ts';
import { toCouponView, toReservationView, toUserCouponView } from '../queries/coupon-view.ts';
import type { CouponLifecycle } from './coupon-lifecycle.ts';

/** The dependencies of an operation on an issued coupon. */
export interface LifecycleOperation {
  readonly lifecycle: CouponLifecycle;
  readonly clock: Clock;
}

/** Submits a command about a reservation, once for its key. */
export const submitReservationCommand = (
  { lifecycle, clock }: LifecycleOperation,
  command: LifecycleCommand,
  commandKey: CommandKey | undefined,
): Promise<ReservationResponse> =>
  executeOnce(
    commandKey,
    {
      type: stored.ReservationResponse,
      refused: toRefusalResponse,
      respond: (outcome: LifecycleOutcome) => toReservationResponse(outcome, clock()),
    },
    (idempotency) => lifecycle.submitOnce({ ...command, idempotency }),
  );

/** Submits a command about a coupon, once for its key. */
export const submitCouponCommand = (
  { lifecycle, clock }: LifecycleOperation,
  command: LifecycleCommand,
  commandKey: CommandKey | undefined,
): Promise<CouponResponse> =>
  executeOnce(
    commandKey,
    {
      type: stored.CouponResponse,
      refused: toRefusalResponse,
      respond: (outcome: LifecycleOutcome) => toCouponResponse(outcome, clock()),
    },
    (idempotency) => lifecycle.submitOnce({ ...command, idempotency }),
  );

function toReservationResponse(outcome: LifecycleOutcome, nowMs: number): ReservationResponse {
  if (outcome.kind === 'refused') return toRefusalResponse(outcome.refusal);
  if (outcome.kind === 'ignored' || outcome.reservation === null) throw new Error('the outcome has no reservation');
  const { coupon, reservation } = outcome;
  const value = {
    reservation: toReservationView(reservation),
    coupon: toUserCouponView(coupon, nowMs),
    storeId: coupon.terms.eligibleStoreId ?? undefined,
  };
  return { outcome: { $case: 'reserved', value } };
}

function toCouponResponse(outcome: LifecycleOutcome, nowMs: number): CouponResponse {
  if (outcome.kind === 'refused') return toRefusalResponse(outcome.refusal);
  if (outcome.kind === 'ignored') throw new Error('the outcome has no coupon');
  return { outcome: { $case: 'coupon', value: toCouponView(outcome.coupon, nowMs) } };
}
