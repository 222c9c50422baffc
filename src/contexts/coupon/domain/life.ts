import { expire, restore, useDirectly } from './coupon-steps.ts';
import type { LifeCommand } from './life-command.ts';
import type { LifeDecision, LifeOutcome, LifeSnapshot } from './life-decision.ts';
import { type LifeDesk, lifeDesk } from './life-desk.ts';
import { paymentCompleted, paymentFailed } from './payment.ts';
import { confirm, extend, release, timeOut } from './reservation-steps.ts';
import { reserve } from './reserve.ts';
import { withdraw } from './withdraw.ts';

/**
 * Decides commands one after the other, each seeing what the ones before it did. Deciding a list in any split into batches
 * gives the same as deciding it whole.
 * @param holdMs how long a reservation lasts
 */
export function decideLife(
  snapshot: LifeSnapshot,
  commands: readonly LifeCommand[],
  nowMs: number,
  holdMs: number,
): LifeDecision {
  const { desk, decision } = lifeDesk(snapshot, nowMs, holdMs);
  return decision(commands.map((command) => decideOne(desk, command)));
}

function decideOne(desk: LifeDesk, command: LifeCommand): LifeOutcome {
  switch (command.kind) {
    case 'RESERVE':
      return reserve(desk, command);
    case 'RELEASE':
      return release(desk, command.reservationId, command.userId);
    case 'EXTEND':
      return extend(desk, command.reservationId);
    case 'CONFIRM':
      return confirm(desk, command.reservationId);
    case 'USE':
      return useDirectly(desk, command);
    case 'CANCEL':
      return withdraw(desk, command);
    case 'RESTORE':
      return restore(desk, command);
    case 'TIME_OUT':
      return timeOut(desk, command.reservationId);
    case 'EXPIRE':
      return expire(desk, command.couponId);
    case 'PAYMENT_COMPLETED':
      return paymentCompleted(desk, command);
    case 'PAYMENT_FAILED':
      return paymentFailed(desk, command);
  }
}
