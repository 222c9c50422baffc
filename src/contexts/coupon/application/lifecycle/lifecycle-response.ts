import type { Clock } from '../../../../platform/kernel/clock.ts';
import {
  type CommandKey,
  executeOnce,
  type Idempotency,
  type Replay,
} from '../../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { type CouponResponse, type ReservationResponse, stored } from '../../api.ts';
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
  /** Only return what the key did earlier. */
  readonly replayOnly?: boolean | undefined;
}

const executing =
  ({ lifecycle, resultLookup }: LifecycleOperation, command: LifecycleCommand, { commandKey, replayOnly }: Keyed) =>
  (idempotency: Idempotency<LifecycleOutcome> | undefined): Promise<LifecycleOutcome | Replay> =>
    replayOnly === true
      ? replayOr(resultLookup, commandKey, refused(refuse('RESERVATION_NOT_FOUND')))
      : lifecycle.submitOnce({ ...command, idempotency });

/** Submits a command about a reservation, once for its key. */
export const submitReservationCommand = (
  operation: LifecycleOperation,
  command: LifecycleCommand,
  request: Keyed,
): Promise<ReservationResponse> =>
  executeOnce(
    request.commandKey,
    {
      type: stored.ReservationResponse,
      refused: toRefusalResponse,
      respond: (outcome: LifecycleOutcome) => toReservationResponse(outcome, operation.clock()),
    },
    executing(operation, command, request),
  );

/** Submits a command about a coupon, once for its key. */
export const submitCouponCommand = (
  operation: LifecycleOperation,
  command: LifecycleCommand,
  request: Keyed,
): Promise<CouponResponse> =>
  executeOnce(
    request.commandKey,
    {
      type: stored.CouponResponse,
      refused: toRefusalResponse,
      respond: (outcome: LifecycleOutcome) => toCouponResponse(outcome, operation.clock()),
    },
    executing(operation, command, request),
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
