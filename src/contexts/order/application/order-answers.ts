import type { Refusal } from '../../../platform/kernel/refusal.ts';
import type {
  OrderResponse,
  PaymentResponse,
  RefundResponse,
  Order as ShownOrder,
  Payment as ShownPayment,
  Refund as ShownRefund,
} from '../api.ts';
import { type Order, type OrderLine, type Payment, type Refund, statusOf, totalOf } from '../domain/order.ts';
import { orderExpired } from '../domain/outcome.ts';

/** Of every operation on orders, payments and refunds. */
export const refusedOrder = (value: Refusal, replayed = false) => ({
  outcome: { $case: 'refusal' as const, value },
  replayed,
});

export const orderAnswer = (order: Order, replayed = false): OrderResponse => ({
  outcome: { $case: 'order', value: shownOrder(order) },
  replayed,
});

export const paymentAnswer = (payment: Payment, order: Order, replayed = false): PaymentResponse => ({
  outcome: { $case: 'payment', value: shownPayment(payment, order) },
  replayed,
});

export const refundAnswer = (refund: Refund, order: Order, replayed = false): RefundResponse => ({
  outcome: { $case: 'refund', value: shownRefund(refund, order) },
  replayed,
});

/** Why an order has failed, or is about to. */
function failureOf({ state }: Order): Refusal | undefined {
  return 'ending' in state && state.ending.status === 'FAILED' ? state.ending.refusal : undefined;
}

/** What the customer is told of an order that ended unpaid and was not cancelled. */
export const refusalOf = (order: Order): Refusal | undefined =>
  statusOf(order.state) === 'EXPIRED' ? orderExpired(order) : failureOf(order);

export function shownOrder(order: Order): ShownOrder {
  const { state } = order;
  const isEnded = state.status === 'ENDED';
  return {
    id: order.id,
    userId: order.userId,
    status: statusOf(state),
    lines: order.lines.map(tailLine),
    couponId: order.couponId ?? undefined,
    subtotal: order.subtotal,
    couponDiscount: order.couponDiscount,
    pointsUsed: order.pointsUsed,
    total: totalOf(order),
    refundedAmount: order.refundedAmount,
    refundedPoints: order.refundedPoints,
    createdAt: new Date(order.createdAtMs),
    expiresAt: new Date(order.expiresAtMs),
    paidAt: 'paidAtMs' in state ? new Date(state.paidAtMs) : undefined,
    endedAt: isEnded ? new Date(state.endedAtMs) : undefined,
    failure: isEnded ? failureOf(order) : undefined,
  };
}

const tailLine = ({ timeSaleId, ...line }: OrderLine): ShownOrder['lines'][number] => ({
  ...line,
  timeSaleId: timeSaleId ?? undefined,
});

const shownPayment = (payment: Payment, order: Order): ShownPayment => ({
  id: payment.id,
  orderId: payment.orderId,
  method: payment.method,
  amount: payment.amount,
  status: payment.status,
  providerUrl: payment.status === 'PENDING' ? (payment.providerUrl ?? undefined) : undefined,
  order: shownOrder(order),
});

const shownRefund = ({ id, orderId, money, points, step }: Refund, order: Order): ShownRefund => ({
  id,
  orderId,
  amount: money,
  points,
  status: step === null ? 'DONE' : 'PENDING',
  order: shownOrder(order),
});
