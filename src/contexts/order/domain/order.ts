import type { Refusal } from '../../../platform/kernel/refusal.ts';
import type { OrderStatus, PaymentMethod, PaymentStatus, RefundStep } from './enumerations.ts';

/** Does not change after the order is placed, except for the refunded units. The shares are set once coupon and points are known. */
export interface OrderLine {
  /** 1, 2, 3 … */
  readonly line: number;
  readonly productId: bigint;
  readonly timeSaleId: bigint | null;
  readonly productName: string;
  /** The product's store when it was ordered; null = the platform. */
  readonly storeId: bigint | null;
  readonly quantity: number;
  readonly unitPrice: bigint;
  /** The line's shares of the order's amounts; the shares of all lines add up to them. */
  readonly couponDiscount: bigint;
  readonly pointsUsed: bigint;
  readonly refundedQuantity: number;
}

/** How an order ended without being paid. */
export type Ending =
  | { readonly status: 'CANCELLED' | 'EXPIRED' }
  /** `refusal`: returned to the customer, also to a repeat with the same key. */
  | { readonly status: 'FAILED'; readonly refusal: Refusal };

/**
 * `step` is the call to another context or to the provider that the order needs next. The request that caused it executes it, or the
 * scheduler, or both: every step is idempotent.
 */
export type OrderState =
  | { readonly status: 'PENDING'; readonly step: 'RESERVE_COUPON' | 'HOLD_POINTS' }
  /** Waits for the customer, or for the provider, until `expiresAtMs`. */
  | { readonly status: 'RESERVED'; readonly step: null }
  /** `paymentId`: the payment that is running, or that brought the money. */
  | {
      readonly status: 'RESERVED';
      readonly step: 'TAKE_MONEY' | 'CONFIRM_COUPON' | 'CAPTURE_POINTS';
      readonly paymentId: bigint;
    }
  /** Releases what the order took, in reverse order. `was` is the status that readers see until the order has ended. */
  | {
      readonly status: 'ENDING';
      readonly step: 'RELEASE_POINTS' | 'RELEASE_COUPON';
      readonly was: 'PENDING' | 'RESERVED';
      readonly ending: Ending;
    }
  | { readonly status: 'ENDED'; readonly step: null; readonly ending: Ending; readonly endedAtMs: number }
  /** REFUNDED when all units are refunded. */
  | {
      readonly status: 'PAID' | 'REFUNDED';
      readonly step: null;
      readonly paymentId: bigint;
      readonly paidAtMs: number;
    };

/** The status that readers see. */
export function statusOf(state: OrderState): OrderStatus {
  if (state.status === 'ENDING') return state.was;
  return state.status === 'ENDED' ? state.ending.status : state.status;
}

/** How many orders that are neither paid nor ended one user may have, so that a user who never pays reserves a limited stock. */
export const OPEN_ORDERS_MAX = 20;

/** Neither paid nor ended: it counts against OPEN_ORDERS_MAX. */
export const isOpen = ({ state: { status } }: Pick<Order, 'state'>): boolean =>
  status === 'PENDING' || status === 'RESERVED' || status === 'ENDING';

export interface Order {
  readonly id: bigint;
  readonly userId: bigint;
  /** The idempotency key of the request that placed it; unique for the user. */
  readonly key: string;
  readonly contentHash: string;
  readonly state: OrderState;
  readonly lines: readonly OrderLine[];
  readonly couponId: bigint | null;
  /** The points that the customer wants to use; `pointsUsed` is limited by the amount to pay. */
  readonly usePoints: bigint;
  /** The total that the customer expects; null = any. */
  readonly expectedTotal: bigint | null;
  /** ISO 4217, of the time when it was placed. Its payments and refunds are in it, too. */
  readonly currency: string;
  readonly subtotal: bigint;
  readonly couponDiscount: bigint;
  /** 0 until the points are to be held. */
  readonly pointsUsed: bigint;
  /** Refunded so far of the money and points that paid the order. Refunds of late money do not count. */
  readonly refundedAmount: bigint;
  readonly refundedPoints: bigint;
  readonly createdAtMs: number;
  /** When coupon and points were reserved; null until then. */
  readonly reservedAtMs: number | null;
  /** An order that is not paid by then ends. */
  readonly expiresAtMs: number;
  /** When the scheduler resumes the order: a step that may hang, or the end of the order's time. Infinity = never. */
  readonly resumeAtMs: number;
  /** How often the present step failed. */
  readonly attempts: number;
  /** Rises by one with every change of the order, its payments or its refunds; the number of the row in its history. */
  readonly version: number;
}

/** The amount to pay in money, or in points through the payment. */
export const totalOf = ({
  subtotal,
  couponDiscount,
  pointsUsed,
}: Pick<Order, 'subtotal' | 'couponDiscount' | 'pointsUsed'>): bigint => subtotal - couponDiscount - pointsUsed;

export interface Payment {
  readonly id: bigint;
  readonly orderId: bigint;
  readonly userId: bigint;
  readonly method: PaymentMethod;
  /** The amount to pay; once COMPLETED, the amount that was paid. */
  readonly amount: bigint;
  readonly status: PaymentStatus;
  /** The provider's own id of the payment. */
  readonly providerRef: string | null;
  /** The payment id of the provider's reports, where it is not `id`. Unique for the order. */
  readonly reportedId: bigint | null;
  /** Where the customer pays. */
  readonly providerUrl: string | null;
  /** The idempotency key of the request; unique for the order. Null for a payment that no request began. */
  readonly key: string | null;
  readonly contentHash: string | null;
  /** FAILED: returned to the customer. */
  readonly refusal: Refusal | null;
  readonly createdAtMs: number;
  /** When it stopped being PENDING. */
  readonly settledAtMs: number | null;
}

/** The refunded units of a line, and the money and points that are returned for them. */
export interface RefundLine {
  readonly line: number;
  readonly quantity: number;
  readonly money: bigint;
  readonly points: bigint;
}

/**
 * Stock and amounts change at once, in the transaction that inserts the refund. The calls to other contexts and to the provider follow
 * in steps.
 */
export interface Refund {
  readonly id: bigint;
  readonly orderId: bigint;
  readonly paymentId: bigint;
  /** Null: no request asked for it; it returns money that its order could not use. */
  readonly key: string | null;
  readonly contentHash: string | null;
  readonly lines: readonly RefundLine[];
  /** Returned through the payment's method. */
  readonly money: bigint;
  /** Returned to their lots, of the points that were used in addition to the payment. */
  readonly points: bigint;
  /** All units of the order are refunded, so that its coupon may be restored. */
  readonly restoresCoupon: boolean;
  readonly step: RefundStep | null;
  readonly reason: string;
  readonly by: string;
  readonly createdAtMs: number;
  readonly resumeAtMs: number;
  readonly attempts: number;
}
