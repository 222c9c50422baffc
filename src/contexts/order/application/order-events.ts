import type { OutboxBatch } from '../../../platform/events/outbox.ts';
import type { OrderDecision, OrderEvent } from '../domain/decision.ts';
import { reservationIdOf } from '../domain/next-step.ts';
import { type Order, type OrderLine, type Payment, type Refund, statusOf, totalOf } from '../domain/order.ts';
import { COUNTED_TOPICS } from '../events.ts';
import { timeSaleEvent } from './time-sale/time-sale-events.ts';

const COUNTED: ReadonlySet<string> = new Set(COUNTED_TOPICS);

type Fields = Readonly<Record<string, unknown>>;

/** Builds the outbox batches of a decision's events. The events of each order and each time sale keep their order. */
export function orderEvents({ events, nowMs }: Pick<OrderDecision, 'events' | 'nowMs'>): OutboxBatch[] {
  const at = new Date(nowMs).toISOString();
  // The first events of all orders, then the second ones, because a batch has one topic.
  const ranks = new Map<bigint, number>();
  const ranked = new Map<string, { readonly rank: number; readonly topic: string; readonly events: Fields[] }>();
  const sales: OutboxBatch[] = [];
  for (const event of events) {
    const { topic } = event;
    if (topic === 'timesale.sold_out') {
      sales.push(timeSaleEvent(topic, event.timeSale, nowMs));
      continue;
    }
    const rank = ranks.get(event.order.id) ?? 0;
    ranks.set(event.order.id, rank + 1);
    const place = `${rank} ${topic}`;
    const batch = ranked.get(place) ?? { rank, topic, events: [] };
    if (batch.events.length === 0) ranked.set(place, batch);
    batch.events.push(fieldsOf(event, at));
  }
  const batches = [...ranked.values()]
    .sort((a, b) => a.rank - b.rank)
    .map(({ topic, events }) => batchOf(topic, events));
  return [...batches, ...sales];
}

function batchOf(topic: string, events: readonly Fields[]): OutboxBatch {
  const columns = Object.keys(events[0] ?? {});
  const counted = COUNTED.has(topic) ? { countAll: true } : {};
  return {
    topic,
    source: 'order',
    keyField: 'orderId',
    common: {},
    columns,
    rows: events.map(Object.values),
    ...counted,
  };
}

/** Events of a topic have the same fields in the same order. */
function fieldsOf(event: Exclude<OrderEvent, { topic: 'timesale.sold_out' }>, at: string): Fields {
  const { order } = event;
  switch (event.topic) {
    case 'order.reserved':
      return { ...shared(order), reservedAt: at, expiresAt: new Date(order.expiresAtMs).toISOString() };
    case 'order.paid':
      return { ...shared(order), paymentId: paidBy(order), paidAt: at };
    case 'order.cancelled':
      return { ...shared(order), ...endOf(order), cancelledAt: at };
    case 'order.expired':
      return { ...shared(order), expiredAt: at };
    case 'order.refunded':
      return { ...refunded(order, event.refund), refundedAt: at };
    case 'payment.completed.v1':
      return { ...completed(order, event.payment), completedAt: at };
    case 'payment.failed.v1':
      return failed(order, event.payment);
  }
}

const text = (value: bigint | null): string | null => (value === null ? null : String(value));

function shared(order: Order): Fields {
  const { id, userId, couponId, subtotal, couponDiscount, pointsUsed, lines } = order;
  return {
    orderId: String(id),
    userId: String(userId),
    couponId: text(couponId),
    subtotal: String(subtotal),
    couponDiscount: String(couponDiscount),
    pointsUsed: String(pointsUsed),
    total: String(totalOf(order)),
    items: lines.map((line) => ({
      ...itemOf(line),
      quantity: line.quantity,
      couponDiscount: String(line.couponDiscount),
      pointsUsed: String(line.pointsUsed),
    })),
  };
}

const itemOf = ({ line, productId, timeSaleId, productName, unitPrice }: OrderLine): Fields => ({
  line,
  productId: String(productId),
  timeSaleId: text(timeSaleId),
  productName,
  unitPrice: String(unitPrice),
});

const paidBy = ({ state }: Order): string | null => ('paymentId' in state ? String(state.paymentId) : null);

function endOf({ state }: Order): Fields {
  const reason = 'ending' in state && state.ending.status === 'FAILED' ? state.ending.refusal.code : null;
  return { status: statusOf(state), reason };
}

function refunded(order: Order, refund: Refund): Fields {
  const parts = new Map(refund.lines.map((part) => [part.line, part]));
  return {
    orderId: String(order.id),
    userId: String(order.userId),
    refundId: String(refund.id),
    status: statusOf(order.state),
    amount: String(refund.money),
    points: String(refund.points),
    refundedAmount: String(order.refundedAmount),
    refundedPoints: String(order.refundedPoints),
    reason: refund.reason,
    items: order.lines.flatMap((line) => {
      const part = parts.get(line.line);
      if (!part) return [];
      return [{ ...itemOf(line), quantity: part.quantity, amount: String(part.money), points: String(part.points) }];
    }),
  };
}

/** The id by which the coupon context knows the reservation of the order. */
const reservationOf = (order: Order): string | null => (order.couponId === null ? null : reservationIdOf(order));

const completed = (order: Order, { id, userId, amount }: Payment): Fields => ({
  paymentId: String(id),
  orderId: String(order.id),
  userId: String(userId),
  amount: String(amount),
  couponId: text(order.couponId),
  reservationId: reservationOf(order),
});

/** The limit of the payment events' contract. */
const REASON_MAX = 1_000;

const failed = (order: Order, { id, userId, refusal }: Payment): Fields => ({
  paymentId: String(id),
  orderId: String(order.id),
  userId: String(userId),
  reservationId: reservationOf(order),
  reason: (refusal?.details['reason'] || refusal?.code || 'PAYMENT_DECLINED').slice(0, REASON_MAX),
});
