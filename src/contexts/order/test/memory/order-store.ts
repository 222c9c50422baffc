import type { Clock } from '../../../../platform/kernel/clock.ts';
import type { OrderReader, OrderStore } from '../../application/ports.ts';
import type { Product } from '../../domain/catalog/product.ts';
import {
  buyerKey,
  type DailySale,
  type OrderDecision,
  type OrderEvent,
  type OrderSnapshot,
} from '../../domain/decision.ts';
import type { Item, OrderInput } from '../../domain/input.ts';
import { isOpen, type Order, type Payment, type Refund, statusOf } from '../../domain/order.ts';
import type { TimeSale } from '../../domain/time-sale/time-sale.ts';

/** The rows of the PostgreSQL tables. */
export interface MemoryOrders {
  readonly products: Map<bigint, Product>;
  readonly timeSales: Map<bigint, TimeSale>;
  /** By `buyerKey`. */
  readonly bought: Map<string, number>;
  /** By day and product. */
  readonly dailySales: Map<string, DailySale>;
  readonly orders: Map<bigint, Order>;
  readonly payments: Map<bigint, Payment>;
  readonly refunds: Map<bigint, Refund>;
  /** The published events, in order. */
  readonly events: OrderEvent[];
}

export const memoryOrders = (): MemoryOrders => ({
  products: new Map(),
  timeSales: new Map(),
  bought: new Map(),
  dailySales: new Map(),
  orders: new Map(),
  payments: new Map(),
  refunds: new Map(),
  events: [],
});

/** Both may throw, to simulate a process that ends before the commit, or after it and before the response. */
export interface CommitHooks {
  readonly beforeCommit?: (decision: OrderDecision) => void;
  readonly afterCommit?: (decision: OrderDecision) => void;
}

/**
 * Has the guarantees of the PostgreSQL store, within a single thread. As there, a batch gets only the rows that it names, so that a
 * decision that reads others fails.
 */
export function memoryOrderStore(
  state: MemoryOrders = memoryOrders(),
  hooks: CommitHooks = {},
  clock: Clock = Date.now,
): OrderStore & OrderReader {
  const index: Index = { ofUser: new Map(), ofKey: new Map(), payments: new Map(), refunds: new Map() };
  const due = <Row extends Resumed>(rows: Map<bigint, Row>, nowMs: number, limit: number) =>
    [...rows.values()]
      .filter(({ resumeAtMs }) => resumeAtMs <= nowMs)
      .sort(byDue)
      .slice(0, limit);
  return {
    async changeBatch(inputs, decide) {
      const snapshot = snapshotOf(state, index, inputs);
      const decision = decide(snapshot, clock(), inputs);
      hooks.beforeCommit?.(decision);
      save(state, index, decision);
      hooks.afterCommit?.(decision);
      return { decision, snapshot, outcomes: decision.outcomes };
    },
    async findOrder(id) {
      return state.orders.get(id);
    },
    async listOrders({ userId, storeId, status, fromMs = 0, toMs = Number.POSITIVE_INFINITY, before, limit }) {
      const ids = userId === undefined ? state.orders.keys() : (index.ofUser.get(userId) ?? []);
      const wanted = [...ids]
        .flatMap((id) => state.orders.get(id) ?? [])
        .filter(
          (order) =>
            (status === undefined || statusOf(order.state) === status) &&
            (storeId === undefined || order.lines.some((line) => line.storeId === storeId)) &&
            order.createdAtMs >= fromMs &&
            order.createdAtMs < toMs &&
            (before === undefined || order.id < before),
        );
      return wanted.sort(newestFirst).slice(0, limit);
    },
    async findPayment(id) {
      return state.payments.get(id);
    },
    async findRefund(id) {
      return state.refunds.get(id);
    },
    async dueOrders(nowMs, limit) {
      return due(state.orders, nowMs, limit);
    },
    async dueRefunds(nowMs, limit) {
      return due(state.refunds, nowMs, limit);
    },
    async nextDueMs() {
      let next = Number.POSITIVE_INFINITY;
      for (const rows of [state.orders, state.refunds]) {
        for (const { resumeAtMs } of rows.values()) next = Math.min(next, resumeAtMs);
      }
      return next === Number.POSITIVE_INFINITY ? undefined : next;
    },
  };
}

interface Resumed {
  readonly id: bigint;
  readonly resumeAtMs: number;
}
const byDue = (a: Resumed, b: Resumed) => a.resumeAtMs - b.resumeAtMs || newestFirst(b, a);
const newestFirst = (a: { readonly id: bigint }, b: { readonly id: bigint }) => (a.id < b.id ? 1 : -1);

/** The indexes of the PostgreSQL tables. */
interface Index {
  readonly ofUser: Map<bigint, Set<bigint>>;
  readonly ofKey: Map<string, bigint>;
  readonly payments: Map<bigint, Set<bigint>>;
  readonly refunds: Map<bigint, Set<bigint>>;
}

function snapshotOf(state: MemoryOrders, index: Index, inputs: readonly OrderInput[]): OrderSnapshot {
  const [products, timeSales, open] = [new Set<bigint>(), new Set<bigint>(), new Set<bigint>()];
  const [named, shown, buyers] = [new Set<bigint>(), new Set<bigint>(), new Set<string>()];
  const addItem = ({ productId, timeSaleId }: Item, userId: bigint) => {
    products.add(productId);
    if (timeSaleId === null) return;
    timeSales.add(timeSaleId);
    buyers.add(buyerKey(timeSaleId, userId));
  };
  for (const input of inputs) {
    if (input.kind !== 'PLACE') {
      named.add(input.orderId);
      const order = state.orders.get(input.orderId);
      for (const line of order?.lines ?? []) addItem(line, order?.userId ?? 0n);
      continue;
    }
    open.add(input.userId);
    const placed = index.ofKey.get(placementKey(input));
    if (placed !== undefined) shown.add(placed);
    for (const item of input.items) addItem(item, input.userId);
  }
  const of = (ids: Map<bigint, Set<bigint>>) => [...named].flatMap((id) => [...(ids.get(id) ?? [])]);
  return {
    products: only(state.products, products),
    timeSales: only(state.timeSales, timeSales),
    bought: only(state.bought, buyers),
    openOrders: new Map([...open].map((userId) => [userId, openOrders(state, index, userId)])),
    orders: only(state.orders, new Set([...named, ...shown])),
    payments: only(state.payments, of(index.payments)),
    refunds: only(state.refunds, of(index.refunds)),
  };
}

function only<Key, Value>(all: ReadonlyMap<Key, Value>, keys: Iterable<Key>): ReadonlyMap<Key, Value> {
  const found = new Map<Key, Value>();
  for (const key of keys) {
    const value = all.get(key);
    if (value !== undefined) found.set(key, value);
  }
  return found;
}

function openOrders(state: MemoryOrders, index: Index, userId: bigint): number {
  let open = 0;
  for (const id of index.ofUser.get(userId) ?? []) {
    const order = state.orders.get(id);
    if (order && isOpen(order)) open += 1;
  }
  return open;
}

function save(state: MemoryOrders, index: Index, decision: OrderDecision): void {
  for (const product of decision.products) state.products.set(product.id, product);
  for (const timeSale of decision.timeSales) state.timeSales.set(timeSale.id, timeSale);
  for (const { timeSaleId, userId, quantity } of decision.bought) {
    state.bought.set(buyerKey(timeSaleId, userId), quantity);
  }
  for (const { day, productId, quantity } of decision.dailySales) {
    const place = `${day} ${productId}`;
    const before = state.dailySales.get(place)?.quantity ?? 0;
    state.dailySales.set(place, { day, productId, quantity: before + quantity });
  }
  for (const order of [...decision.newOrders, ...decision.changedOrders]) {
    state.orders.set(order.id, order);
    index.ofKey.set(placementKey(order), order.id);
    add(index.ofUser, order.userId, order.id);
  }
  for (const payment of [...decision.newPayments, ...decision.changedPayments]) {
    state.payments.set(payment.id, payment);
    add(index.payments, payment.orderId, payment.id);
  }
  for (const refund of [...decision.newRefunds, ...decision.changedRefunds]) {
    state.refunds.set(refund.id, refund);
    add(index.refunds, refund.orderId, refund.id);
  }
  state.events.push(...decision.events);
}

const placementKey = ({ userId, key }: { readonly userId: bigint; readonly key: string }) => `${userId} ${key}`;

function add(to: Map<bigint, Set<bigint>>, owner: bigint, id: bigint): void {
  const known = to.get(owner);
  if (known) known.add(id);
  else to.set(owner, new Set([id]));
}
