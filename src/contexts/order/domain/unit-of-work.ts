import type { IdSource } from '../../../platform/kernel/ids.ts';
import type { Product } from './catalog/product.ts';
import { salesDay } from './catalog/sales-day.ts';
import {
  buyerKey,
  type DailySale,
  type HistoryRow,
  type OrderDecision,
  type OrderEvent,
  type OrderSnapshot,
} from './decision.ts';
import { type Order, type Payment, type Refund, statusOf } from './order.ts';
import { overlay, ownedOverlay } from './overlay.ts';
import type { TimeSale } from './time-sale/time-sale.ts';

export interface OrderRules {
  readonly nowMs: number;
  readonly nextId: IdSource;
  /** How long an order waits for its payment. */
  readonly reservationMs: number;
  /** ISO 4217, of new orders. */
  readonly currency: string;
  /** How many orders that are neither paid nor ended a user may have. */
  readonly openOrdersMax: number;
}

/** The state on which the inputs of one batch are decided: each input sees the changes of the earlier ones. */
export interface OrderUnitOfWork {
  readonly rules: OrderRules;
  product(id: bigint): Product | undefined;
  saveProduct(product: Product): void;
  timeSale(id: bigint): TimeSale | undefined;
  saveTimeSale(timeSale: TimeSale): void;
  /** How many units of a time sale a user has; undefined when that was not loaded. */
  bought(timeSaleId: bigint, userId: bigint): number | undefined;
  saveBought(timeSaleId: bigint, userId: bigint, quantity: number): void;
  openOrders(userId: bigint): number;
  changeOpenOrders(userId: bigint, by: number): void;
  order(id: bigint): Order | undefined;
  findByIdempotencyKey(userId: bigint, key: string): Order | undefined;
  saveOrder(order: Order): Order;
  payments(orderId: bigint): readonly Payment[];
  savePayment(payment: Payment): Payment;
  refunds(orderId: bigint): readonly Refund[];
  saveRefund(refund: Refund): Refund;
  /** Adds sold units, or a negative number of refunded ones, to the day of the payment. */
  addDailySale(productId: bigint, paidAtMs: number, quantity: number): void;
  /** Completes an input that changed something: raises the order's version and adds a row to its history. */
  recordVersion(order: Order, row: Pick<HistoryRow, 'amount' | 'note'>): Order;
  publish(event: OrderEvent): void;
}

export function orderUnitOfWork(snapshot: OrderSnapshot, rules: OrderRules) {
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
  const events: OrderEvent[] = [];
  for (const { id, userId, key } of snapshot.orders.values()) placed.set(placementKey(userId, key), id);

  const work: OrderUnitOfWork = {
    rules,
    product: products.get,
    saveProduct: (product) => products.set(product.id, product),
    timeSale: timeSales.get,
    saveTimeSale: (timeSale) => timeSales.set(timeSale.id, timeSale),
    bought(timeSaleId, userId) {
      const place = buyerKey(timeSaleId, userId);
      return bought.get(place)?.quantity ?? snapshot.bought.get(place);
    },
    saveBought: (timeSaleId, userId, quantity) =>
      void bought.set(buyerKey(timeSaleId, userId), { timeSaleId, userId, quantity }),
    openOrders: (userId) => openOrders.get(userId) ?? 0,
    changeOpenOrders: (userId, by) => openOrders.set(userId, work.openOrders(userId) + by),
    order: orders.get,
    findByIdempotencyKey(userId, key) {
      const id = placed.get(placementKey(userId, key));
      return id === undefined ? undefined : orders.get(id);
    },
    saveOrder(order) {
      orders.set(order.id, order);
      return order;
    },
    payments: payments.of,
    savePayment: payments.save,
    refunds: refunds.of,
    saveRefund: refunds.save,
    addDailySale(productId, paidAtMs, quantity) {
      const day = salesDay(paidAtMs);
      const place = `${day} ${productId}`;
      daily.set(place, { productId, day, quantity: quantity + (daily.get(place)?.quantity ?? 0) });
    },
    recordVersion(before, row) {
      const order = work.saveOrder({ ...before, version: before.version + 1 });
      if (order.version === 1) placed.set(placementKey(order.userId, order.key), order.id);
      history.push({ orderId: order.id, version: order.version, status: statusOf(order.state), ...row });
      return order;
    },
    publish: (event) => void events.push(event),
  };

  return {
    work,
    decision(outcomes: OrderDecision['outcomes']): OrderDecision {
      const [newOrders, changedOrders] = splitNewAndChanged(orders.changes, snapshot.orders);
      const [newPayments, changedPayments] = splitNewAndChanged(payments.changes, snapshot.payments);
      const [newRefunds, changedRefunds] = splitNewAndChanged(refunds.changes, snapshot.refunds);
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
        events,
        nowMs: rules.nowMs,
      };
    },
  };
}

const placementKey = (userId: bigint, key: string): string => `${userId} ${key}`;

/** Returns the values that are new, and those that replace an earlier one. */
function splitNewAndChanged<Value>(
  changes: ReadonlyMap<bigint, Value>,
  before: ReadonlyMap<bigint, Value>,
): [Value[], Value[]] {
  const fresh: Value[] = [];
  const changed: Value[] = [];
  for (const [id, value] of changes) (before.has(id) ? changed : fresh).push(value);
  return [fresh, changed];
}
