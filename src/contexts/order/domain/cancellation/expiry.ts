import { nextRetry } from '../../../../platform/kernel/retry.ts';
import type { OrderOutcome } from '../decision.ts';
import type { OrderStep } from '../enumerations.ts';
import type { Order } from '../order.ts';
import { orderExpired, unchanged, updated } from '../outcome.ts';
import { failPendingPayments } from '../payment/fail-payments.ts';
import { isAwaitingPayment } from '../transitions.ts';
import type { OrderUnitOfWork } from '../unit-of-work.ts';
import { beginEnding } from './ending.ts';

/** Ends an order that still waits for its payment after its time. */
export function timeOut(work: OrderUnitOfWork, order: Order): OrderOutcome {
  if (!isAwaitingPayment(order) || work.rules.nowMs < order.expiresAtMs) return unchanged(order);
  return updated(expire(work, order));
}

function expire(work: OrderUnitOfWork, order: Order): Order {
  failPendingPayments(work, order, orderExpired(order));
  return beginEnding(work, order, { status: 'EXPIRED' });
}

/**
 * Schedules a retry of the step, or ends the order when its time is over. A retry is no change of the order: it raises no version and
 * adds no history. While another context is unavailable, each order that needs it is retried once a minute, and the history, whose
 * rows are never deleted, would grow by as many.
 */
export function stepFailed(work: OrderUnitOfWork, order: Order, step: OrderStep): OrderOutcome {
  if (order.state.step === null || order.state.step !== step) return unchanged(order);
  const { nowMs } = work.rules;
  if (nowMs >= order.expiresAtMs && canExpire(work, order)) return updated(expire(work, order));
  return unchanged(work.saveOrder({ ...order, ...nextRetry(order.attempts, nowMs) }));
}

/**
 * An external payment may be abandoned, because its money is refunded if it arrives. A payment with points may not: the points may
 * have been taken already, so its outcome must be known.
 */
function canExpire(work: OrderUnitOfWork, { id, state }: Order): boolean {
  if (state.status === 'PENDING') return true;
  if (state.step !== 'TAKE_MONEY') return false;
  return work.payments(id).some((payment) => payment.id === state.paymentId && payment.method === 'EXTERNAL');
}
