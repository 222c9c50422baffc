import type { OrderOutcome } from '../decision.ts';
import { type Ending, type Order, statusOf } from '../order.ts';
import { unchanged, updated } from '../outcome.ts';
import { moveToFinalState, moveToStep } from '../transitions.ts';
import type { OrderUnitOfWork } from '../unit-of-work.ts';
import { releaseUnits } from '../units.ts';

/**
 * Begins to end an unpaid order: points are released first, then the coupon, then the units. Points are released even when their hold
 * was refused or its outcome is unknown, because the mark of a release refuses a late hold of another node.
 */
export function beginEnding(work: OrderUnitOfWork, order: Order, ending: Ending): Order {
  const was = statusOf(order.state) === 'PENDING' ? 'PENDING' : 'RESERVED';
  if (order.pointsUsed > 0n) return moveToStep(work, order, { status: 'ENDING', step: 'RELEASE_POINTS', was, ending });
  if (order.couponId !== null)
    return moveToStep(work, order, { status: 'ENDING', step: 'RELEASE_COUPON', was, ending });
  return finishEnding(work, order, ending);
}

/** Releases the units and ends the order, once points and coupon are released or there are none. */
export function finishEnding(work: OrderUnitOfWork, order: Order, ending: Ending): Order {
  releaseUnits(work, order);
  work.changeOpenOrders(order.userId, -1);
  const done = moveToFinalState(work, order, { status: 'ENDED', step: null, ending, endedAtMs: work.rules.nowMs });
  work.publish({ topic: ending.status === 'EXPIRED' ? 'order.expired' : 'order.cancelled', order: done });
  return done;
}

export function pointsReleased(work: OrderUnitOfWork, order: Order): OrderOutcome {
  const { state } = order;
  if (state.step !== 'RELEASE_POINTS') return unchanged(order);
  if (order.couponId === null) return updated(finishEnding(work, order, state.ending));
  return updated(moveToStep(work, order, { ...state, step: 'RELEASE_COUPON' }));
}

export function couponReleased(work: OrderUnitOfWork, order: Order): OrderOutcome {
  const { state } = order;
  return state.step === 'RELEASE_COUPON' ? updated(finishEnding(work, order, state.ending)) : unchanged(order);
}
