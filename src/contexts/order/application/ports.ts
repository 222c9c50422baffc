import type { ChangeBatch } from '../../../platform/batching/change-batch.ts';
import type { OrderDecision, OrderSnapshot } from '../domain/decision.ts';
import type { OrderInput } from '../domain/input.ts';
import type { Order, Payment, Refund } from '../domain/order.ts';
import type { TimeSale } from '../domain/time-sale/time-sale.ts';

/** Changes orders and the stock that they take in one transaction, under the locks of all rows that it changes. */
export interface OrderStore {
  /** Locks the users (advisory), products, time sales and orders that the inputs name. */
  readonly changeBatch: ChangeBatch<OrderInput, OrderSnapshot, OrderDecision>;
}

export interface OrderReader {
  findOrder(id: bigint): Promise<Order | undefined>;
  /** Newest first. */
  listOrders(query: OrdersQuery): Promise<readonly Order[]>;
  findPayment(id: bigint): Promise<Payment | undefined>;
  findRefund(id: bigint): Promise<Refund | undefined>;
  /** Orders whose `resumeAtMs` has passed, the longest overdue first. */
  dueOrders(nowMs: number, limit: number): Promise<readonly Order[]>;
  /** Refunds that are not DONE and whose `resumeAtMs` has passed. */
  dueRefunds(nowMs: number, limit: number): Promise<readonly Refund[]>;
  /** The earliest `resumeAtMs` of all orders and refunds, which may have passed; undefined = none waits. */
  nextDueMs(): Promise<number | undefined>;
}

/** What was paid for an order, and what went back. Newest first, only those with a smaller id than `before`. */
export interface MoneyReader {
  paymentsOf(orderId: bigint, before: bigint | undefined, limit: number): Promise<readonly Payment[]>;
  refundsOf(orderId: bigint, before: bigint | undefined, limit: number): Promise<readonly Refund[]>;
}

export interface PlacedKeyReader {
  /** Returns for each key whether a committed order was placed with it. */
  arePlaced(keys: readonly { readonly userId: bigint; readonly key: string }[]): Promise<readonly boolean[]>;
}

export interface OrdersQuery {
  /** Undefined: of all users. */
  readonly userId?: bigint | undefined;
  /** Orders with a line of this store. */
  readonly storeId?: bigint | undefined;
  /** The time of the order, [from, to). */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly status?: string | undefined;
  /** Only orders with a smaller id. */
  readonly before?: bigint | undefined;
  readonly limit: number;
}

export interface SaleReading {
  /** The time of the gate before the sale is read in PostgreSQL. */
  readonly at: number;
  /** Present when some node read within the last second that the sale has no units. */
  readonly soldOut: { readonly restocks: number; readonly trustedUntilMs: number } | undefined;
}

/** Committed facts that nodes share. It only refuses, and its calls never reject. */
export interface SaleGate {
  /** Undefined: it gave no result in time. */
  read(timeSaleId: bigint, nowMs: number): Promise<SaleReading | undefined>;
  /** The sale has no units. `at`: of the reading before the statement that read it. */
  record(fact: { readonly sale: TimeSale; readonly at: number; readonly readAtMs: number }): Promise<void>;
  /** The sale has units. */
  forget(timeSaleId: bigint): Promise<void>;
}
