import type { IdSource } from '../../../platform/kernel/ids.ts';
import {
  buyerPlace,
  type DailySale,
  type HistoryRow,
  type OrderDecision,
  type OrderFact,
  type OrderSnapshot,
} from './decision.ts';
import { type Order, type Payment, type Refund, statusOf } from './order.ts';
import { overlay, ownedOverlay } from './overlay.ts';
import type { Product } from './product.ts';
import { salesDay } from './sales-day.ts';
import type { TimeSale } from './time-sale.ts';

export interface OrderRules {
  readonly nowMs: number;
  readonly nextId: IdSource;
  /** How long an order waits for its payment. */
  readonly reservationMs: number;
  /** How many orders that are neither paid nor ended a user may have. */
  readonly openOrdersMax: number;
}

/** Where commands of one batch are decided: each sees what the ones before it did. */
export interface OrderDesk {
  readonly rules: OrderRules;
  product(id: bigint): Product | undefined;
  keepProduct(product: Product): void;
  timeSale(id: bigint): TimeSale | undefined;
  keepTimeSale(timeSale: TimeSale): void;
  /** What a user has of a time sale; undefined when nothing was loaded about it. */
  bought(timeSaleId: bigint, userId: bigint): number | undefined;
  keepBought(timeSaleId: bigint, userId: bigint, quantity: number): void;
  openOrders(userId: bigint): number;
  changeOpenOrders(userId: bigint, by: number): void;
  order(id: bigint): Order | undefined;
  placedWith(userId: bigint, key: string): Order | undefined;
  keep(order: Order): Order;
  payments(orderId: bigint): readonly Payment[];
  keepPayment(payment: Payment): Payment;
  refunds(orderId: bigint): readonly Refund[];
  keepRefund(refund: Refund): Refund;
  /** Counts units sold, or below 0 given back, for the day of the payment. */
  count(productId: bigint, paidAtMs: number, quantity: number): void;
  /** Ends a command that changed something: the order's version rises, and its history gets a row. */
  record(order: Order, row: Pick<HistoryRow, 'amount' | 'note'>): Order;
  publish(fact: OrderFact): void;
}

export function orderDesk(snapshot: OrderSnapshot, rules: OrderRules) {
  const products = overlay(snapshot.products);
  const timeSales = overlay(snapshot.timeSales);
  const bought = new Map<string, OrderDecision['bought'][number]>();
  const openOrders = overlay(snapshot.openOrders);
  const orders = overlay(snapshot.orders);
  const payments = ownedOverlay(snapshot.payments);
  const refunds = ownedOverlay(snapshot.refunds);
  const placed = new Map<string, bigint>();
  const daily = new Map<string, DailySale>();
  const history: HistoryRow[] = [];
  const facts: OrderFact[] = [];
  for (const { id, userId, key } of snapshot.orders.values()) placed.set(keyPlace(userId, key), id);

  const desk: OrderDesk = {
    rules,
    product: products.get,
    keepProduct: (product) => products.set(product.id, product),
    timeSale: timeSales.get,
    keepTimeSale: (timeSale) => timeSales.set(timeSale.id, timeSale),
    bought(timeSaleId, userId) {
      const place = buyerPlace(timeSaleId, userId);
      return bought.get(place)?.quantity ?? snapshot.bought.get(place);
    },
    keepBought: (timeSaleId, userId, quantity) =>
      void bought.set(buyerPlace(timeSaleId, userId), { timeSaleId, userId, quantity }),
    openOrders: (userId) => openOrders.get(userId) ?? 0,
    changeOpenOrders: (userId, by) => openOrders.set(userId, desk.openOrders(userId) + by),
    order: orders.get,
    placedWith(userId, key) {
      const id = placed.get(keyPlace(userId, key));
      return id === undefined ? undefined : orders.get(id);
    },
    keep(order) {
      orders.set(order.id, order);
      return order;
    },
    payments: payments.of,
    keepPayment: payments.keep,
    refunds: refunds.of,
    keepRefund: refunds.keep,
    count(productId, paidAtMs, quantity) {
      const day = salesDay(paidAtMs);
      const place = `${day} ${productId}`;
      daily.set(place, { productId, day, quantity: quantity + (daily.get(place)?.quantity ?? 0) });
    },
    record(before, row) {
      const order = desk.keep({ ...before, version: before.version + 1 });
      if (order.version === 1) placed.set(keyPlace(order.userId, order.key), order.id);
      history.push({ orderId: order.id, version: order.version, status: statusOf(order.state), ...row });
      return order;
    },
    publish: (fact) => void facts.push(fact),
  };

  return {
    desk,
    decision(outcomes: OrderDecision['outcomes']): OrderDecision {
      const [newOrders, changedOrders] = parted(orders.changes, snapshot.orders);
      const [newPayments, changedPayments] = parted(payments.changes, snapshot.payments);
      const [newRefunds, changedRefunds] = parted(refunds.changes, snapshot.refunds);
      return {
        outcomes,
        products: [...products.changes.values()],
        timeSales: [...timeSales.changes.values()],
        bought: [...bought.values()],
        dailySales: [...daily.values()],
        newOrders,
        changedOrders,
        newPayments,
        changedPayments,
        newRefunds,
        changedRefunds,
        history,
        facts,
        nowMs: rules.nowMs,
      };
    },
  };
}

const keyPlace = (userId: bigint, key: string): string => `${userId} ${key}`;

/** What is new, and what was there before. */
function parted<Value>(changes: ReadonlyMap<bigint, Value>, before: ReadonlyMap<bigint, Value>): [Value[], Value[]] {
  const fresh: Value[] = [];
  const changed: Value[] = [];
  for (const [id, value] of changes) (before.has(id) ? changed : fresh).push(value);
  return [fresh, changed];
}
