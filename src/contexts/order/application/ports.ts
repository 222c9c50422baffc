import type { Keyed, Merged } from '../../../platform/kernel/command-key.ts';
import type { OrderCommand } from '../domain/command.ts';
import type { OrderDecision, OrderOutcome, OrderSnapshot } from '../domain/decision.ts';
import type { Order, Payment, Refund } from '../domain/order.ts';
import type { TimeSale } from '../domain/time-sale.ts';

/** A command that a caller may have named with a key. */
export type KeyedOrderCommand = OrderCommand & Keyed<OrderOutcome>;

/** Where orders and the stock that they take are changed: all or nothing, under the locks of all that they touch. */
export interface OrderStore {
  /**
   * Locks users (advisory), products, time sales and orders that the commands name, loads what depends on them, lets `decide`
   * decide at the store's time, which all nodes share, and stores the decision with its events. Answers after the commit. `decide` is pure and may run again. It gets the
   * commands whose key is not known: the others are replayed.
   */
  changeBatch(
    commands: readonly KeyedOrderCommand[],
    decide: (snapshot: OrderSnapshot, nowMs: number, fresh: readonly OrderCommand[]) => OrderDecision,
  ): Promise<Merged<OrderDecision>>;
}

export interface OrderReader {
  findOrder(id: bigint): Promise<Order | undefined>;
  /** Newest first. */
  listOrders(query: OrdersQuery): Promise<readonly Order[]>;
  findPayment(id: bigint): Promise<Payment | undefined>;
  findRefund(id: bigint): Promise<Refund | undefined>;
  /** Orders whose `resumeAtMs` has come, the longest overdue first. */
  dueOrders(nowMs: number, limit: number): Promise<readonly Order[]>;
  /** Refunds that are not DONE and whose `resumeAtMs` has come. */
  dueRefunds(nowMs: number, limit: number): Promise<readonly Refund[]>;
  /** When the next order or refund has to be looked at, also when that moment has passed; undefined = nothing waits. */
  nextDueMs(): Promise<number | undefined>;
}

/** A time sale and all users that have ever ordered at it, of one moment. */
export interface Buyers {
  readonly timeSale: TimeSale;
  /** Undefined: more than were asked for. */
  readonly users: ReadonlySet<bigint> | undefined;
}

export interface PlacedKeys {
  /** Reads at most `max` users. Returns undefined when there is no such time sale. */
  buyers(timeSaleId: bigint, max: number): Promise<Buyers | undefined>;
  /** For each key of a user, in their order: is there an order that was placed with it? Of what was committed before. */
  arePlaced(asked: readonly { readonly userId: bigint; readonly key: string }[]): Promise<readonly boolean[]>;
}

export interface OrdersQuery {
  readonly userId: bigint;
  readonly status?: string | undefined;
  /** Only orders with a smaller id. */
  readonly before?: bigint | undefined;
  readonly limit: number;
}

/**
 * Who takes money from outside. Every call may be repeated with the same ids and has its effect once. A call that cannot be
 * answered throws; what it did is then unknown, and the same call will be made again. A call has to end: an adapter brings a time
 * limit of its own.
 */
export interface PaymentProvider {
  begin(payment: {
    readonly paymentId: bigint;
    readonly orderId: bigint;
    readonly userId: bigint;
    readonly amount: bigint;
  }): Promise<BeginAnswer>;
  /** Gives a part or all of a completed payment back. Resolves when the provider has accepted it. */
  refund(refund: {
    readonly refundId: bigint;
    readonly paymentId: bigint;
    /** The provider's own id of the payment, when it has told it. */
    readonly providerRef: string | null;
    readonly amount: bigint;
  }): Promise<void>;
}

export type BeginAnswer =
  | { readonly kind: 'COMPLETED'; readonly providerRef: string }
  | { readonly kind: 'DECLINED'; readonly providerRef: string; readonly reason: string }
  /** The provider will report; the customer pays there. */
  | { readonly kind: 'PENDING'; readonly providerRef: string; readonly url: string };
