import { expire, restore, useAtCounter, useDirectly } from './coupon-steps.ts';
import type { LifecycleCommand } from './lifecycle-command.ts';
import type { LifecycleDecision, LifecycleOutcome, LifecycleSnapshot } from './lifecycle-decision.ts';
import { type LifecycleUnitOfWork, lifecycleUnitOfWork } from './lifecycle-unit-of-work.ts';
import { paymentCompleted, paymentFailed } from './payment.ts';
import { confirm, extend, release, timeOut } from './reservation-steps.ts';
import { reserve } from './reserve.ts';
import { withdraw } from './withdraw.ts';

/**
 * Decides commands one after the other. Each sees the effects of the earlier ones, so that splitting a list into
 * batches changes no outcome.
 * @param holdMs how long a reservation lasts
 */
export function decideLifecycle(
  snapshot: LifecycleSnapshot,
  commands: readonly LifecycleCommand[],
  nowMs: number,
  holdMs: number,
): LifecycleDecision {
  const { unitOfWork, decision } = lifecycleUnitOfWork(snapshot, nowMs, holdMs);
  return decision(commands.map((command) => decideOne(unitOfWork, command)));
}

function decideOne(unitOfWork: LifecycleUnitOfWork, command: LifecycleCommand): LifecycleOutcome {
  switch (command.kind) {
    case 'RESERVE':
      return reserve(unitOfWork, command);
    case 'RELEASE':
      return release(unitOfWork, command.reservationId);
    case 'EXTEND':
      return extend(unitOfWork, command.reservationId);
    case 'CONFIRM':
      return confirm(unitOfWork, command.reservationId);
    case 'USE':
      return useDirectly(unitOfWork, command);
    case 'USE_AT_COUNTER':
      return useAtCounter(unitOfWork, command);
    case 'CANCEL':
      return withdraw(unitOfWork, command);
    case 'RESTORE':
      return restore(unitOfWork, command);
    case 'TIME_OUT':
      return timeOut(unitOfWork, command.reservationId);
    case 'EXPIRE':
      return expire(unitOfWork, command.couponId);
    case 'PAYMENT_COMPLETED':
      return paymentCompleted(unitOfWork, command);
    case 'PAYMENT_FAILED':
      return paymentFailed(unitOfWork, command);
  }
}
