import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import { beginEnding } from '../cancellation/ending.ts';
import type { OrderOutcome } from '../decision.ts';
import type { Order, Payment } from '../order.ts';
import { unchanged, updated } from '../outcome.ts';
import { refundPayment } from '../refund/refund.ts';
import { moveToFinalState, moveToStep } from '../transitions.ts';
import type { OrderUnitOfWork } from '../unit-of-work.ts';
import { sellUnits } from '../units.ts';

/** Continues when a payment has brought the total. */
export function confirmCouponOrCapture(work: OrderUnitOfWork, order: Order, paymentId: bigint): Order {
  if (order.couponId === null) return capturePointsOrPay(work, order, paymentId);
  return moveToStep(work, order, { status: 'RESERVED', step: 'CONFIRM_COUPON', paymentId });
}

/** Continues when the coupon is used or there is none. */
function capturePointsOrPay(work: OrderUnitOfWork, order: Order, paymentId: bigint): Order {
  if (order.pointsUsed === 0n) return markPaid(work, order, paymentId);
  return moveToStep(work, order, { status: 'RESERVED', step: 'CAPTURE_POINTS', paymentId });
}

function markPaid(work: OrderUnitOfWork, order: Order, paymentId: bigint): Order {
  const paidAtMs = work.rules.nowMs;
  sellUnits(work, order, paidAtMs);
  work.changeOpenOrders(order.userId, -1);
  const paid = moveToFinalState(work, order, { status: 'PAID', step: null, paymentId, paidAtMs });
  work.publish({ topic: 'order.paid', order: paid, payment: paymentOf(work, order, paymentId) });
  return paid;
}

export const couponConfirmed = (work: OrderUnitOfWork, order: Order): OrderOutcome =>
  order.state.step === 'CONFIRM_COUPON'
    ? updated(capturePointsOrPay(work, order, order.state.paymentId))
    : unchanged(order);

export const couponLost = (work: OrderUnitOfWork, order: Order, why: Refusal): OrderOutcome =>
  order.state.step === 'CONFIRM_COUPON' ? failAfterPayment(work, order, order.state.paymentId, why) : unchanged(order);

export const pointsCaptured = (work: OrderUnitOfWork, order: Order): OrderOutcome =>
  order.state.step === 'CAPTURE_POINTS' ? updated(markPaid(work, order, order.state.paymentId)) : unchanged(order);

export const pointsLost = (work: OrderUnitOfWork, order: Order, why: Refusal): OrderOutcome =>
  order.state.step === 'CAPTURE_POINTS' ? failAfterPayment(work, order, order.state.paymentId, why) : unchanged(order);

/** The payment succeeded, but the coupon or the points cannot be used: the money is refunded and the order ends. */
function failAfterPayment(work: OrderUnitOfWork, order: Order, paymentId: bigint, why: Refusal): OrderOutcome {
  const refunded = refundPayment(work, paymentOf(work, order, paymentId), why.code);
  return updated(beginEnding(work, order, { status: 'FAILED', refusal: why }), refunded);
}

function paymentOf(work: OrderUnitOfWork, order: Order, paymentId: bigint): Payment {
  const payment = work.payments(order.id).find(({ id }) => id === paymentId);
  if (!payment) throw new Error(`payment ${paymentId} was not loaded`);
  return payment;
}
