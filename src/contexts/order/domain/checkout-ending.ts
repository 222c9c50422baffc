import type { Refusal } from '../../../platform/kernel/refusal.ts';
import type { OrderOutcome } from './decision.ts';
import { toEnd, toStep } from './forward.ts';
import { type Ending, type Order, statusOf } from './order.ts';
import type { OrderDesk } from './order-desk.ts';
import { moved, orderExpired, refusal, refused, same } from './outcome.ts';
import { giveUnitsBack } from './units.ts';

/**
 * Turns an order that is not paid towards its end: points, then the coupon, then units are given back. What may be held is
 * released like what is; also points that were refused, because the mark it leaves refuses another driver's late hold.
 */
export function end(desk: OrderDesk, order: Order, ending: Ending): Order {
  const was = statusOf(order.state) === 'PENDING' ? 'PENDING' : 'RESERVED';
  if (order.pointsUsed > 0n) return toStep(desk, order, { status: 'ENDING', step: 'RELEASE_POINTS', was, ending });
  if (order.couponId !== null) return toStep(desk, order, { status: 'ENDING', step: 'RELEASE_COUPON', was, ending });
  return ended(desk, order, ending);
}

/** There is nothing to release, or all of it is. */
export function ended(desk: OrderDesk, order: Order, ending: Ending): Order {
  giveUnitsBack(desk, order);
  desk.changeOpenOrders(order.userId, -1);
  const done = toEnd(desk, order, { status: 'ENDED', step: null, ending, endedAtMs: desk.rules.nowMs });
  desk.publish({ topic: ending.status === 'EXPIRED' ? 'order.expired' : 'order.cancelled', order: done });
  return done;
}

/** A payment that was asked for is not wanted any more. Should its money come all the same, it goes back. */
export function dropPayment(desk: OrderDesk, order: Order, why: Refusal): void {
  for (const payment of desk.payments(order.id)) {
    if (payment.status !== 'PENDING') continue;
    desk.keepPayment({ ...payment, status: 'FAILED', refusal: why, settledAtMs: desk.rules.nowMs });
  }
}

export function pointsReleased(desk: OrderDesk, order: Order): OrderOutcome {
  const { state } = order;
  if (state.step !== 'RELEASE_POINTS') return same(order);
  if (order.couponId === null) return moved(ended(desk, order, state.ending));
  return moved(toStep(desk, order, { ...state, step: 'RELEASE_COUPON' }));
}

export function couponReleased(desk: OrderDesk, order: Order): OrderOutcome {
  const { state } = order;
  return state.step === 'RELEASE_COUPON' ? moved(ended(desk, order, state.ending)) : same(order);
}

export function timeOut(desk: OrderDesk, order: Order): OrderOutcome {
  const waits = order.state.status === 'RESERVED' && order.state.step === null;
  if (!waits || desk.rules.nowMs < order.expiresAtMs) return same(order);
  return moved(expire(desk, order));
}

function expire(desk: OrderDesk, order: Order): Order {
  dropPayment(desk, order, orderExpired(order));
  return end(desk, order, { status: 'EXPIRED' });
}

export function cancel(desk: OrderDesk, order: Order): OrderOutcome {
  const { state } = order;
  if ('ending' in state && state.ending.status === 'CANCELLED') return same(order);
  const status = statusOf(state);
  if (state.status !== 'RESERVED') {
    const reason = state.status === 'ENDING' ? `it is becoming ${state.ending.status}` : `it is ${status}`;
    return refused('ORDER_NOT_CANCELLABLE', { orderStatus: status, reason });
  }
  if (state.step !== null)
    return refused('ORDER_NOT_CANCELLABLE', { orderStatus: status, reason: 'a payment is being made' });
  dropPayment(desk, order, refusal('ORDER_NOT_PAYABLE', { reason: 'the order is CANCELLED' }));
  return moved(end(desk, order, { status: 'CANCELLED' }));
}

const RETRY_SECONDS_MAX = 60;
/** Beyond it nothing depends on the count, and the column that keeps it is small. */
const ATTEMPTS_MAX = 1_000;

/** When to try again what was tried once more in vain: later each time. */
export function afterFailure(attempts: number, nowMs: number): { attempts: number; resumeAtMs: number } {
  const tried = Math.min(attempts + 1, ATTEMPTS_MAX);
  return { attempts: tried, resumeAtMs: nowMs + Math.min(2 ** tried, RETRY_SECONDS_MAX) * 1_000 };
}

/**
 * Putting a step off is no change of the order: it raises no version and writes no history. While a context is away each order
 * that needs it is tried once a minute, and rows that are never deleted would grow by as many.
 */
export function stepFailed(desk: OrderDesk, order: Order, step: string): OrderOutcome {
  if (order.state.step === null || order.state.step !== step) return same(order);
  const { nowMs } = desk.rules;
  if (nowMs >= order.expiresAtMs && mayGiveUp(desk, order)) return moved(expire(desk, order));
  return same(desk.keep({ ...order, ...afterFailure(order.attempts, nowMs) }));
}

/** Money from outside goes back should it come. Points of a payment may be held or taken already: those it has to find out. */
function mayGiveUp(desk: OrderDesk, { id, state }: Order): boolean {
  if (state.status === 'PENDING') return true;
  if (state.step !== 'TAKE_MONEY') return false;
  return desk.payments(id).some((payment) => payment.id === state.paymentId && payment.method === 'EXTERNAL');
}
