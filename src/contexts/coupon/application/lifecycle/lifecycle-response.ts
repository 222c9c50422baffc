import type { Clock } from '../../../../platform/kernel/clock.ts';
import { type CommandKey, executeOnce, type Responding } from '../../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import {
  type CouponResponse,
  type ReplayReservationRequest,
  type ReplayUseRequest,
  type ReservationResponse,
  stored,
} from '../../api.ts';
import type { LifecycleCommand } from '../../domain/lifecycle/lifecycle-command.ts';
import type { LifecycleOutcome } from '../../domain/lifecycle/lifecycle-decision.ts';
import { refused } from '../../domain/lifecycle/lifecycle-outcome.ts';
import { refuse } from '../../refusals.ts';
import { type ResultLookup, replayOr } from '../issue/result-lookup.ts';
import { toCouponView, toReservationView, toUserCouponView } from '../queries/coupon-view.ts';
import type { CouponLifecycle } from './coupon-lifecycle.ts';

/** The dependencies of an operation on an issued coupon. */
export interface LifecycleOperation {
  readonly lifecycle: CouponLifecycle;
  readonly resultLookup: Pick<ResultLookup, 'find'>;
  readonly clock: Clock;
}

interface Keyed {
  readonly commandKey?: CommandKey | undefined;
}
type RespondingTo<Response> = (operation: Pick<LifecycleOperation, 'clock'>) => Responding<LifecycleOutcome, Response>;

const respondingReservation: RespondingTo<ReservationResponse> = ({ clock }) => ({
  type: stored.ReservationResponse,
  refused: toRefusalResponse,
  respond: (outcome) => toReservationResponse(outcome, clock()),
});
const respondingCoupon: RespondingTo<CouponResponse> = ({ clock }) => ({
  type: stored.CouponResponse,
  refused: toRefusalResponse,
  respond: (outcome) => toCouponResponse(outcome, clock()),
});

/** Submits a command about a reservation, once for its key. */
export const submitReservationCommand = (
  operation: LifecycleOperation,
  command: LifecycleCommand,
  { commandKey }: Keyed,
): Promise<ReservationResponse> =>
  executeOnce(commandKey, respondingReservation(operation), (idempotency) =>
    operation.lifecycle.submitOnce({ ...command, idempotency }),
  );

/** Submits a command about a coupon, once for its key. */
export const submitCouponCommand = (
  operation: LifecycleOperation,
  command: LifecycleCommand,
  { commandKey }: Keyed,
): Promise<CouponResponse> =>
  executeOnce(commandKey, respondingCoupon(operation), (idempotency) =>
    operation.lifecycle.submitOnce({ ...command, idempotency }),
  );

type Replaying = Pick<LifecycleOperation, 'resultLookup' | 'clock'>;
const NOT_STORED = refused(refuse('RESERVATION_NOT_FOUND'));

/** Returns the first response of a key that reserved a coupon. */
export const replayReservation =
  (operation: Replaying) =>
  ({ commandKey }: ReplayReservationRequest): Promise<ReservationResponse> =>
    executeOnce(commandKey, respondingReservation(operation), () =>
      replayOr(operation.resultLookup, commandKey, NOT_STORED),
    );

/** Returns the first response of a key that used a coupon. */
export const replayUse =
  (operation: Replaying) =>
  ({ commandKey }: ReplayUseRequest): Promise<CouponResponse> =>
    executeOnce(commandKey, respondingCoupon(operation), () =>
      replayOr(operation.resultLookup, commandKey, NOT_STORED),
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
