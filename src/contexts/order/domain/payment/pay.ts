import { type OrderRefusal, refuse } from '../../refusals.ts';
import type { OrderOutcome } from '../decision.ts';
import type { PayCommand, ResultOf } from '../input.ts';
import { type Order, type Payment, statusOf, totalOf } from '../order.ts';
import { orderExpired, refused, unchanged, updated } from '../outcome.ts';
import { awaitPayment, isAwaitingPayment, moveToStep } from '../transitions.ts';
import type { OrderUnitOfWork } from '../unit-of-work.ts';
import { confirmCouponOrCapture } from './confirmation.ts';
import { failPendingPayments } from './fail-payments.ts';
import { withProviderRef } from './payment-reference.ts';

/** Each payment calls the ledger or the provider, leaves a row there, and is loaded with every input for its order. */
const PAYMENTS_MAX = 50;

/**
 * Begins a payment. An order has one payment at a time: one that waits at the provider is replaced, and its money is refunded if it
 * arrives. Refused: ORDER_NOT_PAYABLE, ORDER_EXPIRED, IDEMPOTENCY_KEY_REUSED.
 */
export function pay(work: OrderUnitOfWork, order: Order, { method, key, contentHash }: PayCommand): OrderOutcome {
  const payments = work.payments(order.id);
  const before = payments.find((payment) => payment.key === key);
  if (before) {
    return before.contentHash === contentHash
      ? unchanged(order, { payment: before }, true)
      : refused(refuse('IDEMPOTENCY_KEY_REUSED'));
  }
  const { nowMs, nextId } = work.rules;
  const why = refusalToPay(order, nowMs);
  if (why) return refused(why);
  if (payments.length >= PAYMENTS_MAX) {
    return refused(refuse('ORDER_NOT_PAYABLE', { reason: `it has ${payments.length} payments` }));
  }
  failPendingPayments(work, order, refuse('ORDER_NOT_PAYABLE', { reason: 'another payment took its place' }));
  const amount = totalOf(order);
  const payment: Payment = {
    id: nextId(),
    orderId: order.id,
    userId: order.userId,
    method,
    amount,
    status: amount === 0n ? 'COMPLETED' : 'PENDING',
    providerRef: null,
    reportedId: null,
    providerUrl: null,
    key,
    contentHash,
    refusal: null,
    createdAtMs: nowMs,
    settledAtMs: amount === 0n ? nowMs : null,
  };
  work.savePayment(payment);
  if (amount === 0n) return updated(confirmCouponOrCapture(work, order, payment.id), { payment });
  return updated(moveToStep(work, order, { status: 'RESERVED', step: 'TAKE_MONEY', paymentId: payment.id }), {
    payment,
  });
}

function refusalToPay(order: Order, nowMs: number): OrderRefusal | undefined {
  const { state } = order;
  const isAwaiting = isAwaitingPayment(order);
  if (isAwaiting && nowMs < order.expiresAtMs) return undefined;
  if (isAwaiting || ('ending' in state && state.ending.status === 'EXPIRED')) return orderExpired(order);
  const reason = state.status === 'RESERVED' ? 'a payment is being made' : `it is ${statusOf(state)}`;
  return refuse('ORDER_NOT_PAYABLE', { reason });
}

/** The provider accepted the payment and will report later; until then the order is at rest. */
export function paymentRequested(work: OrderUnitOfWork, order: Order, result: ResultOf<'MONEY_ASKED'>): OrderOutcome {
  const { paymentId, providerRef, providerUrl } = result;
  const { state } = order;
  const payments = work.payments(order.id);
  const before = payments.find(({ id }) => id === paymentId);
  if (before?.method !== 'EXTERNAL') return unchanged(order, { payment: before });
  const payment = withProviderRef(payments, before, providerRef);
  if (before.status === 'PENDING' && state.step === 'TAKE_MONEY' && state.paymentId === paymentId) {
    return updated(awaitPayment(work, order), { payment: work.savePayment({ ...payment, providerUrl }) });
  }
  // The payment has ended meanwhile. Only the reference is stored: the customer must no longer pay at the URL, and a payment with
  // a URL counts as one whose first response contained it.
  if (before.providerRef === payment.providerRef) return unchanged(order, { payment: before });
  return updated(order, { payment: work.savePayment(payment) });
}
