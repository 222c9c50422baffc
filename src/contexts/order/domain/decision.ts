import type { OrderRefusal } from '../refusals.ts';
import type { Product } from './catalog/product.ts';
import type { OrderStatus } from './enumerations.ts';
import type { Order, Payment, Refund } from './order.ts';
import type { TimeSale } from './time-sale/time-sale.ts';

/** The rows that a batch of inputs may read: those that the inputs name, locked. */
export interface OrderSnapshot {
  readonly products: ReadonlyMap<bigint, Product>;
  readonly timeSales: ReadonlyMap<bigint, TimeSale>;
  /** By `buyerKey`: how many units of a time sale a user has, for users who place orders and for the orders below. */
  readonly bought: ReadonlyMap<string, number>;
  /** By user who places an order: how many orders they have that are neither paid nor ended. */
  readonly openOrders: ReadonlyMap<bigint, number>;
  /** The orders that commands and results name, and those that were placed with the key of a PLACE earlier. */
  readonly orders: ReadonlyMap<bigint, Order>;
  /** All payments of the orders that commands and results name. */
  readonly payments: ReadonlyMap<bigint, Payment>;
  /** All refunds of the orders that commands and results name. */
  readonly refunds: ReadonlyMap<bigint, Refund>;
}

export const buyerKey = (timeSaleId: bigint, userId: bigint): string => `${timeSaleId} ${userId}`;

export type OrderOutcome =
  /** `replayed`: an earlier command with this key placed the order. The refusal of a FAILED order is in its state. */
  | { readonly kind: 'placed'; readonly order: Order; readonly replayed: boolean }
  /** The order as it is now, whether this input changed it or not, and the payment or refund that the input was about. */
  | {
      readonly kind: 'order';
      readonly order: Order;
      readonly changed: boolean;
      readonly payment: Payment | null;
      readonly refund: Refund | null;
      /** An earlier command with this key had the effect. */
      readonly replayed: boolean;
    }
  | { readonly kind: 'refused'; readonly refusal: OrderRefusal; readonly replayed: boolean };

/**
 * A row of the insert-only history. Each input that changed the order, its payments or its refunds adds one; a retried step adds none.
 */
export interface HistoryRow {
  readonly orderId: bigint;
  /** The order's version after the change. */
  readonly version: number;
  readonly status: OrderStatus;
  /** Money and points together: what is to be paid or was paid; for a refund, what is returned. */
  readonly amount: bigint;
  /** The input that changed the order. */
  readonly note: string;
}

/** Units of a product that were sold, by the calendar day of the payment. Negative for refunded units; 0 when both happened. */
export interface DailySale {
  readonly productId: bigint;
  /** YYYY-MM-DD. */
  readonly day: string;
  readonly quantity: number;
}

/** Events to publish; application/order-events.ts writes them. */
export type OrderEvent =
  | { readonly topic: 'order.reserved' | 'order.cancelled' | 'order.expired'; readonly order: Order }
  | { readonly topic: 'order.paid'; readonly order: Order; readonly payment: Payment }
  | { readonly topic: 'order.refunded'; readonly order: Order; readonly refund: Refund }
  | { readonly topic: 'payment.completed.v1' | 'payment.failed.v1'; readonly order: Order; readonly payment: Payment }
  | { readonly topic: 'timesale.sold_out'; readonly timeSale: TimeSale };

export interface OrderDecision {
  /** One for each input, in their order. */
  readonly outcomes: readonly OrderOutcome[];
  /** The changed rows, as they are now. */
  readonly products: readonly Product[];
  readonly timeSales: readonly TimeSale[];
  readonly bought: readonly { readonly timeSaleId: bigint; readonly userId: bigint; readonly quantity: number }[];
  readonly dailySales: readonly DailySale[];
  readonly newOrders: readonly Order[];
  readonly changedOrders: readonly Order[];
  readonly newPayments: readonly Payment[];
  readonly changedPayments: readonly Payment[];
  readonly newRefunds: readonly Refund[];
  readonly changedRefunds: readonly Refund[];
  readonly history: readonly HistoryRow[];
  /** The events of each order and each time sale are in their order. */
  readonly events: readonly OrderEvent[];
  readonly nowMs: number;
}
