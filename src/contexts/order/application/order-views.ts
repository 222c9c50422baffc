import type { Refusal } from '../../../platform/kernel/refusal.ts';
import type {
  OrderResponse,
  Order as OrderView,
  PaymentResponse,
  Payment as PaymentView,
  RefundResponse,
  Refund as RefundView,
} from '../api.ts';
import type { RefundStatus } from '../domain/enumerations.ts';
import { type Order, type OrderLine, type Payment, type Refund, statusOf, totalOf } from '../domain/order.ts';
import { orderExpired } from '../domain/outcome.ts';

export const toOrderResponse = (order: Order, replayed = false): OrderResponse => ({
  outcome: { $case: 'order', value: toOrderView(order) },
  replayed,
});

export const toPaymentResponse = (payment: Payment, order: Order, replayed = false): PaymentResponse => ({
  outcome: { $case: 'payment', value: { ...toPaymentView(payment, order), order: toOrderView(order) } },
  replayed,
});

export const toRefundResponse = (refund: Refund, order: Order, replayed = false): RefundResponse => ({
  outcome: { $case: 'refund', value: { ...toRefundView(refund, order), order: toOrderView(order) } },
  replayed,
});

/** The refusal of an order that failed, or that is about to end so. */
function failureOf({ state }: Order): Refusal | undefined {
  return 'ending' in state && state.ending.status === 'FAILED' ? state.ending.refusal : undefined;
}

/** The refusal to return for an order that ended unpaid and was not cancelled. */
export const refusalOf = (order: Order): Refusal | undefined =>
  statusOf(order.state) === 'EXPIRED' ? orderExpired(order) : failureOf(order);

export function toOrderView(order: Order): OrderView {
  const { state } = order;
  const isEnded = state.status === 'ENDED';
  return {
    id: order.id,
    userId: order.userId,
    status: statusOf(state),
    lines: order.lines.map(toLineView),
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
    currency: order.currency,
  };
}

const toLineView = ({ timeSaleId, storeId, ...line }: OrderLine): OrderView['lines'][number] => ({
  ...line,
  timeSaleId: timeSaleId ?? undefined,
  storeId: storeId ?? undefined,
});

/** Without its order. */
export const toPaymentView = (payment: Payment, { currency }: Pick<Order, 'currency'>): PaymentView => ({
  id: payment.id,
  orderId: payment.orderId,
  method: payment.method,
  amount: payment.amount,
  status: payment.status,
  providerUrl: payment.status === 'PENDING' ? (payment.providerUrl ?? undefined) : undefined,
  order: undefined,
  userId: payment.userId,
  failure: payment.refusal ?? undefined,
  createdAt: new Date(payment.createdAtMs),
  settledAt: payment.settledAtMs === null ? undefined : new Date(payment.settledAtMs),
  currency,
});

/** Without its order. */
export const toRefundView = (refund: Refund, { currency }: Pick<Order, 'currency'>): RefundView => ({
  id: refund.id,
  orderId: refund.orderId,
  amount: refund.money,
  points: refund.points,
  status: (refund.step === null ? 'DONE' : 'PENDING') satisfies RefundStatus,
  order: undefined,
  paymentId: refund.paymentId,
  reason: refund.reason,
  lines: refund.lines.map(({ money, ...line }) => ({ ...line, amount: money })),
  createdAt: new Date(refund.createdAtMs),
  currency,
});
