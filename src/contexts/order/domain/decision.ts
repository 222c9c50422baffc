import type { Refusal } from '../../../platform/kernel/refusal.ts';
import type { Order, OrderStatus, Payment, Refund } from './order.ts';
import type { Product } from './product.ts';
import type { TimeSale } from './time-sale.ts';

/** What a batch of commands may look at: all that they name, locked. */
export interface OrderSnapshot {
  readonly products: ReadonlyMap<bigint, Product>;
  readonly timeSales: ReadonlyMap<bigint, TimeSale>;
  /** By `buyerPlace`: what users have of time sales, of those that place orders and of the orders below. */
  readonly bought: ReadonlyMap<string, number>;
  /** How many orders users who place one have that are neither paid nor ended. */
  readonly openOrders: ReadonlyMap<bigint, number>;
  /** The orders that facts name, and those that were placed with a key of a PLACE before. */
  readonly orders: ReadonlyMap<bigint, Order>;
  /** All payments of the orders that facts name. */
  readonly payments: ReadonlyMap<bigint, Payment>;
  /** All refunds of the orders that facts name. */
  readonly refunds: ReadonlyMap<bigint, Refund>;
}

export const buyerPlace = (timeSaleId: bigint, userId: bigint): string => `${timeSaleId} ${userId}`;

export type OrderOutcome =
  /** `replayed`: an earlier command with this key placed it. A FAILED order's refusal is in its state. */
  | { readonly kind: 'placed'; readonly order: Order; readonly replayed: boolean }
  /** How the order is now, whether this fact changed it or not; `changed` tells. With what the fact was about, if anything. */
  | {
      readonly kind: 'order';
      readonly order: Order;
      readonly changed: boolean;
      readonly payment: Payment | null;
      readonly refund: Refund | null;
      /** The key had been answered before. */
      readonly replayed: boolean;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly replayed: boolean };

/** One row of the history, insert-only: one a command that changed the order, its payments or its refunds. Steps put off have none. */
export interface HistoryRow {
  readonly orderId: bigint;
  /** The order's version then. */
  readonly version: number;
  readonly status: OrderStatus;
  /** Money and points together: what there is to pay or was paid; where a refund is made, what goes back. */
  readonly amount: bigint;
  /** What happened. */
  readonly note: string;
}

/** Units sold (or, below 0, given back; also 0, when both) of a product, by the calendar day of the payment. */
export interface DailySale {
  readonly productId: bigint;
  /** YYYY-MM-DD. */
  readonly day: string;
  readonly quantity: number;
}

/** Facts to be published; see application/order-events.ts for how they are written. */
export type OrderFact =
  | { readonly topic: 'order.reserved' | 'order.paid' | 'order.cancelled' | 'order.expired'; readonly order: Order }
  | { readonly topic: 'order.refunded'; readonly order: Order; readonly refund: Refund }
  | { readonly topic: 'payment.completed.v1' | 'payment.failed.v1'; readonly order: Order; readonly payment: Payment }
  | { readonly topic: 'timesale.sold_out'; readonly timeSale: TimeSale };

export interface OrderDecision {
  /** One a command, in their order. */
  readonly outcomes: readonly OrderOutcome[];
  /** What changed, as it is now. */
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
  /** In an order that keeps each aggregate's own. */
  readonly facts: readonly OrderFact[];
  readonly nowMs: number;
}
