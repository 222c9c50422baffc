import { refuse } from '../../refusals.ts';
import type { OrderOutcome } from '../decision.ts';
import { type Order, statusOf } from '../order.ts';
import { refused, unchanged, updated } from '../outcome.ts';
import { failPendingPayments } from '../payment/fail-payments.ts';
import type { OrderUnitOfWork } from '../unit-of-work.ts';
import { beginEnding } from './ending.ts';

/** Cancels an order that waits for its payment. Refused: ORDER_NOT_CANCELLABLE. */
export function cancel(work: OrderUnitOfWork, order: Order): OrderOutcome {
  const { state } = order;
  if ('ending' in state && state.ending.status === 'CANCELLED') return unchanged(order);
  const status = statusOf(state);
  if (state.status !== 'RESERVED') {
    const reason = state.status === 'ENDING' ? `it is becoming ${state.ending.status}` : `it is ${status}`;
    return refused(refuse('ORDER_NOT_CANCELLABLE', { orderStatus: status, reason }));
  }
  if (state.step !== null)
    return refused(refuse('ORDER_NOT_CANCELLABLE', { orderStatus: status, reason: 'a payment is being made' }));
  failPendingPayments(work, order, refuse('ORDER_NOT_PAYABLE', { reason: 'the order is CANCELLED' }));
  return updated(beginEnding(work, order, { status: 'CANCELLED' }));
}
