import { refuse } from '../../refusals.ts';
import { beginEnding } from '../cancellation/ending.ts';
import type { OrderOutcome } from '../decision.ts';
import type { PaymentReference, ResultOf } from '../input.ts';
import { type Order, type Payment, totalOf } from '../order.ts';
import { unchanged, updated } from '../outcome.ts';
import { refundPayment } from '../refund/refund.ts';
import { awaitPayment } from '../transitions.ts';
import type { OrderUnitOfWork } from '../unit-of-work.ts';
import { confirmCouponOrCapture } from './confirmation.ts';
import { failPendingPayments } from './fail-payments.ts';
import { findPayment, referenceText } from './payment-reference.ts';

/**
 * Uses the money of a payment for its order when the order waits for it and the amount is the total. Any of the order's payments may
 * bring it. Money that arrives too late, twice or with another amount is refunded, so that no money is lost.
 */
export function paymentCompleted(
  work: OrderUnitOfWork,
  order: Order,
  { payment: reference, amount, source }: ResultOf<'MONEY_IN'>,
): OrderOutcome {
  const known = findPayment(work.payments(order.id), reference);
  if (known?.status === 'COMPLETED' || known?.status === 'REFUNDED') return saveNames(work, order, known);
  const { nowMs } = work.rules;
  const payment = work.savePayment({
    ...(known ?? unknownPayment(work, order, reference)),
    amount,
    status: 'COMPLETED',
    refusal: null,
    settledAtMs: nowMs,
  });
  if (!awaitsThisPayment(work, order, payment.id)) return updated(order, refundPayment(work, payment, 'NOT_AWAITED'));
  const total = totalOf(order);
  if (amount !== total) {
    const why = refuse('PAYMENT_AMOUNT_MISMATCH', { total: String(total), paid: String(amount) });
    failPendingPayments(work, order, why);
    return updated(
      beginEnding(work, order, { status: 'FAILED', refusal: why }),
      refundPayment(work, payment, why.code),
    );
  }
  failPendingPayments(work, order, refuse('ORDER_NOT_PAYABLE', { reason: 'another payment brought the money' }));
  if (payment.method === 'EXTERNAL' && source === 'DIRECT') {
    work.publish({ topic: 'payment.completed.v1', order, payment });
  }
  return updated(confirmCouponOrCapture(work, order, payment.id), { payment });
}

/**
 * External money is not accepted while a payment with points runs: the points may have been taken already, and only the result of that
 * payment shows it.
 */
function awaitsThisPayment(work: OrderUnitOfWork, { id, state }: Order, paymentId: bigint): boolean {
  if (state.status !== 'RESERVED') return false;
  if (state.step === null) return true;
  if (state.step !== 'TAKE_MONEY') return false;
  if (state.paymentId === paymentId) return true;
  return work.payments(id).some((payment) => payment.id === state.paymentId && payment.method === 'EXTERNAL');
}

/**
 * After too few points the order waits for another payment. After a declined external payment it ends, because coupon systems release
 * the coupon then.
 */
export function paymentFailed(work: OrderUnitOfWork, order: Order, result: ResultOf<'MONEY_REFUSED'>): OrderOutcome {
  const { payment: reference, refusal: why, source } = result;
  const known = findPayment(work.payments(order.id), reference);
  if (known?.status !== 'PENDING') return unchanged(order, { payment: known });
  const payment = work.savePayment({ ...known, status: 'FAILED', refusal: why, settledAtMs: work.rules.nowMs });
  if (payment.method === 'POINTS') return updated(awaitPayment(work, order), { payment });
  if (source === 'DIRECT') work.publish({ topic: 'payment.failed.v1', order, payment });
  return updated(beginEnding(work, order, { status: 'FAILED', refusal: why }), { payment });
}

/** The money was recorded before; names of the payment may be new. */
function saveNames(work: OrderUnitOfWork, order: Order, payment: Payment): OrderOutcome {
  const before = work.payments(order.id).find(({ id }) => id === payment.id);
  if (before?.providerRef === payment.providerRef && before?.reportedId === payment.reportedId) {
    return unchanged(order, { payment });
  }
  return updated(order, { payment: work.savePayment(payment) });
}

/** A payment that the provider reports and no request began. */
const unknownPayment = (
  work: OrderUnitOfWork,
  { id: orderId, userId }: Order,
  reference: PaymentReference,
): Omit<Payment, Settled> => ({
  id: work.rules.nextId(),
  orderId,
  userId,
  method: 'EXTERNAL',
  // The provider's own reference if it is known, because the refund names the payment by it.
  providerRef: reference.providerRef ?? referenceText(reference),
  reportedId: 'paymentId' in reference ? reference.paymentId : null,
  providerUrl: null,
  key: null,
  contentHash: null,
  createdAtMs: work.rules.nowMs,
});
type Settled = 'amount' | 'status' | 'refusal' | 'settledAtMs';
