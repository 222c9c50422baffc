import type { Refusal } from '../../../platform/kernel/refusal.ts';

/** Frozen when the order is placed, but for what is refunded; shares of coupon and points once those are known. */
export interface OrderLine {
  /** 1, 2, 3 … */
  readonly line: number;
  readonly productId: bigint;
  readonly timeSaleId: bigint | null;
  readonly productName: string;
  readonly quantity: number;
  readonly unitPrice: bigint;
  /** Its shares of the order's; they add up to the whole. */
  readonly couponDiscount: bigint;
  readonly pointsUsed: bigint;
  readonly refundedQuantity: number;
}

/** Why an order ended without being paid. */
export type Ending =
  | { readonly status: 'CANCELLED' | 'EXPIRED' }
  /** `refusal`: what the customer is told, also when the same key asks again. */
  | { readonly status: 'FAILED'; readonly refusal: Refusal };

/**
 * `step` is what has to be done next, by whoever comes first: the request that caused it, or the scheduler. Each step is one
 * call to another context or to the provider, and may be repeated.
 */
export type OrderState =
  | { readonly status: 'PENDING'; readonly step: 'RESERVE_COUPON' | 'HOLD_POINTS' }
  /** Waits for the customer, or for the provider, until `expiresAtMs`. */
  | { readonly status: 'RESERVED'; readonly step: null }
  /** `paymentId`: the payment that is being made, or that has brought the money. */
  | {
      readonly status: 'RESERVED';
      readonly step: 'TAKE_MONEY' | 'CONFIRM_COUPON' | 'CAPTURE_POINTS';
      readonly paymentId: bigint;
    }
  /** On its way to an end: what was taken is given back, the last first. `was` is what it is shown as until then. */
  | {
      readonly status: 'ENDING';
      readonly step: 'RELEASE_POINTS' | 'RELEASE_COUPON';
      readonly was: 'PENDING' | 'RESERVED';
      readonly ending: Ending;
    }
  | { readonly status: 'ENDED'; readonly step: null; readonly ending: Ending; readonly endedAtMs: number }
  /** REFUNDED when nothing is left. */
  | {
      readonly status: 'PAID' | 'REFUNDED';
      readonly step: null;
      readonly paymentId: bigint;
      readonly paidAtMs: number;
    };

export type OrderStatus = 'PENDING' | 'RESERVED' | 'PAID' | 'REFUNDED' | Ending['status'];

/** As people see it. */
export function statusOf(state: OrderState): OrderStatus {
  if (state.status === 'ENDING') return state.was;
  return state.status === 'ENDED' ? state.ending.status : state.status;
}

/** How many orders that are neither paid nor ended one user may have: who orders everything and never pays holds no more. */
export const OPEN_ORDERS_MAX = 20;

/** Neither paid nor ended: it counts against what a user may have open. */
export const isOpen = ({ state: { status } }: Pick<Order, 'state'>): boolean =>
  status === 'PENDING' || status === 'RESERVED' || status === 'ENDING';

export interface Order {
  readonly id: bigint;
  readonly userId: bigint;
  /** The idempotency key of the request that placed it; one order a user and key. */
  readonly key: string;
  readonly contentHash: string;
  readonly state: OrderState;
  readonly lines: readonly OrderLine[];
  readonly couponId: bigint | null;
  /** What the customer wanted to use; `pointsUsed` is what there was to pay at most. */
  readonly usePoints: bigint;
  /** What the customer expects to pay; null = whatever it is. */
  readonly expectedTotal: bigint | null;
  readonly subtotal: bigint;
  readonly couponDiscount: bigint;
  /** 0 until they are to be held. */
  readonly pointsUsed: bigint;
  /** Given back so far of what it was paid with, money and points. Money that came in vain is not its. */
  readonly refundedAmount: bigint;
  readonly refundedPoints: bigint;
  readonly createdAtMs: number;
  /** When it had all that it wanted; null until then. */
  readonly reservedAtMs: number | null;
  /** An order that is not paid by then ends. */
  readonly expiresAtMs: number;
  /** When the scheduler has to look at it: a step that may hang, or the order's time running out. Infinity = never. */
  readonly resumeAtMs: number;
  /** How often the present step was tried in vain. */
  readonly attempts: number;
  /** Rises by one with every command that changes it, its payments or its refunds: the number of the row in its history. */
  readonly version: number;
}

/** What is left to pay. */
export const totalOf = ({
  subtotal,
  couponDiscount,
  pointsUsed,
}: Pick<Order, 'subtotal' | 'couponDiscount' | 'pointsUsed'>): bigint => subtotal - couponDiscount - pointsUsed;

export interface Payment {
  readonly id: bigint;
  readonly orderId: bigint;
  readonly userId: bigint;
  readonly method: 'POINTS' | 'EXTERNAL';
  /** What has to be paid; once it is COMPLETED, what came in. */
  readonly amount: bigint;
  /**
   * PENDING: asked for. COMPLETED: the money is here. FAILED: it will not come; should it come all the same, it goes back.
   * REFUNDED: all of it went back.
   */
  readonly status: 'PENDING' | 'COMPLETED' | 'FAILED' | 'REFUNDED';
  /** The provider's own id of the payment. */
  readonly providerRef: string | null;
  /** Where the customer pays. */
  readonly providerUrl: string | null;
  /** The idempotency key of the request; null for money that came without one. One payment an order and key. */
  readonly key: string | null;
  readonly contentHash: string | null;
  /** FAILED: what the customer is told. */
  readonly refusal: Refusal | null;
  readonly createdAtMs: number;
  /** When it stopped being PENDING. */
  readonly settledAtMs: number | null;
}

/** Units of a line that are refunded, and what is given back for them. */
export interface RefundLine {
  readonly line: number;
  readonly quantity: number;
  readonly money: bigint;
  readonly points: bigint;
}

/**
 * Something that goes back to the customer. Stock and figures change at once, with the refund's row; what other contexts and
 * the provider have to do comes in steps, until DONE.
 */
export interface Refund {
  readonly id: bigint;
  readonly orderId: bigint;
  readonly paymentId: bigint;
  /** Null: not asked for by anybody, but money that came too late, twice or wrong. */
  readonly key: string | null;
  readonly contentHash: string | null;
  readonly lines: readonly RefundLine[];
  /** Through the payment's method. */
  readonly money: bigint;
  /** To their lots, of those that were used beside the payment. */
  readonly points: bigint;
  /** Nothing is left of the order, so that its coupon may come back. */
  readonly restoresCoupon: boolean;
  readonly step: 'MONEY' | 'POINTS' | 'COUPON' | null;
  readonly reason: string;
  readonly by: string;
  readonly createdAtMs: number;
  readonly resumeAtMs: number;
  readonly attempts: number;
}
