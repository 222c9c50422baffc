import type { OutboxBatch } from '../../../platform/events/outbox.ts';
import { type PaymentEvents, REASON_MAX } from '../../payment/api.ts';
import type { OrderDecision, OrderEvent } from '../domain/decision.ts';
import { reservationIdOf } from '../domain/next-step.ts';
import { type Order, type OrderLine, type Payment, type Refund, statusOf, totalOf } from '../domain/order.ts';
import { COUNTED_TOPICS, type OrderEvents } from '../events.ts';
import { timeSaleEvent } from './time-sale/time-sale-events.ts';

const COUNTED: ReadonlySet<string> = new Set(COUNTED_TOPICS);

/** What the orders and their payments publish, by topic. */
type Events = Omit<OrderEvents, `timesale.${string}`> & PaymentEvents;
type Topic = keyof Events;

/** Builds the outbox batches of a decision's events. The events of each order and each time sale keep their order. */
export function orderEvents({ events, nowMs }: Pick<OrderDecision, 'events' | 'nowMs'>): OutboxBatch[] {
  const at = new Date(nowMs).toISOString();
  // The first events of all orders, then the second ones, because a batch has one topic.
  const ranks = new Map<bigint, number>();
  const ranked = new Map<string, { readonly rank: number; readonly topic: Topic; readonly events: Events[Topic][] }>();
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

function batchOf(topic: Topic, events: readonly Events[Topic][]): OutboxBatch {
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
function fieldsOf(event: Exclude<OrderEvent, { topic: 'timesale.sold_out' }>, at: string): Events[Topic] {
  const { order } = event;
  switch (event.topic) {
    case 'order.reserved':
      return {
        ...shared(order),
        reservedAt: at,
        expiresAt: new Date(order.expiresAtMs).toISOString(),
      } satisfies Events['order.reserved'];
    case 'order.paid':
      return {
        ...shared(order),
        paymentId: String(event.payment.id),
        paidInMoney: String(event.payment.method === 'EXTERNAL' ? event.payment.amount : 0n),
        paidAt: at,
      } satisfies Events['order.paid'];
    case 'order.cancelled':
      return { ...shared(order), ...endOf(order), cancelledAt: at } satisfies Events['order.cancelled'];
    case 'order.expired':
      return { ...shared(order), expiredAt: at } satisfies Events['order.expired'];
    case 'order.refunded':
      return { ...refunded(order, event.refund), refundedAt: at } satisfies Events['order.refunded'];
    case 'payment.completed.v1':
      return { ...completed(order, event.payment), completedAt: at } satisfies Events['payment.completed.v1'];
    case 'payment.failed.v1':
      return failed(order, event.payment) satisfies Events['payment.failed.v1'];
  }
}

const text = (value: bigint | null): string | null => (value === null ? null : String(value));

function shared(order: Order): Omit<Events['order.expired'], 'expiredAt'> {
  const { id, userId, couponId, currency, subtotal, couponDiscount, pointsUsed, lines } = order;
  return {
    orderId: String(id),
    userId: String(userId),
    couponId: text(couponId),
    currency,
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

const itemOf = ({ line, productId, timeSaleId, productName, storeId, unitPrice }: OrderLine) => ({
  line,
  productId: String(productId),
  timeSaleId: text(timeSaleId),
  productName,
  storeId: text(storeId),
  unitPrice: String(unitPrice),
});

function endOf({ id, state }: Order): Pick<Events['order.cancelled'], 'status' | 'reason'> {
  const status = statusOf(state);
  if (status !== 'CANCELLED' && status !== 'FAILED') throw new Error(`order ${id} is ${status} instead of cancelled`);
  const reason = 'ending' in state && state.ending.status === 'FAILED' ? state.ending.refusal.code : null;
  return { status, reason };
}

function refunded(order: Order, refund: Refund): Omit<Events['order.refunded'], 'refundedAt'> {
  const status = statusOf(order.state);
  if (status !== 'PAID' && status !== 'REFUNDED') throw new Error(`order ${order.id} is ${status} instead of paid`);
  const parts = new Map(refund.lines.map((part) => [part.line, part]));
  return {
    orderId: String(order.id),
    userId: String(order.userId),
    refundId: String(refund.id),
    status,
    currency: order.currency,
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

const completed = (
  order: Order,
  { id, userId, amount }: Payment,
): Omit<Events['payment.completed.v1'], 'completedAt'> => ({
  paymentId: String(id),
  orderId: String(order.id),
  userId: String(userId),
  amount: String(amount),
  couponId: text(order.couponId),
  reservationId: reservationOf(order),
});

const failed = (order: Order, { id, userId, refusal }: Payment): Events['payment.failed.v1'] => ({
  paymentId: String(id),
  orderId: String(order.id),
  userId: String(userId),
  reservationId: reservationOf(order),
  reason: (refusal?.details['reason'] || refusal?.code || 'PAYMENT_DECLINED').slice(0, REASON_MAX),
});
