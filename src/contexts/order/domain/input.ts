import type { Refusal } from '../../../platform/kernel/refusal.ts';
import type { OrderStep, PaymentMethod, RefundStep } from './enumerations.ts';

/** What the batcher of orders executes: a new order, a command for an order, or the result of a step of one. */
export type OrderInput = PlaceCommand | OrderCommand | OrderResult;

export interface Item {
  readonly productId: bigint;
  readonly timeSaleId: bigint | null;
  readonly quantity: number;
}

export interface PlaceCommand {
  readonly kind: 'PLACE';
  readonly userId: bigint;
  readonly key: string;
  readonly contentHash: string;
  /** 1 to 50, no two with the same product and time sale. */
  readonly items: readonly Item[];
  readonly couponId: bigint | null;
  readonly usePoints: bigint;
  readonly expectedTotal: bigint | null;
}

/** A command of a user, an operator or the scheduler for an order. */
export interface OrderCommand {
  readonly kind: 'COMMAND';
  readonly orderId: bigint;
  /** The owner that the order must have; null = any. */
  readonly userId: bigint | null;
  readonly command: Command;
}

/** What a step of an order returned, or what the payment provider reported. */
export interface OrderResult {
  readonly kind: 'RESULT';
  readonly orderId: bigint;
  readonly result: Result;
}

export type Command = PayCommand | { readonly kind: 'CANCEL' } | RefundCommand | { readonly kind: 'TIME_OUT' };

export interface PayCommand {
  readonly kind: 'PAY';
  readonly method: PaymentMethod;
  readonly key: string;
  readonly contentHash: string;
}

export interface RefundCommand {
  readonly kind: 'REFUND';
  readonly key: string;
  readonly contentHash: string;
  /** Empty = all units that are left and may be refunded. */
  readonly lines: readonly { readonly line: number; readonly quantity: number }[];
  /** Only lines of these stores are refunded; null = all lines. */
  readonly stores: ReadonlySet<bigint> | null;
  readonly reason: string;
  readonly by: string;
}

/**
 * A step's result counts only while that step is the order's present step. A result that arrives twice, late or out of order changes
 * nothing, and the outcome shows the order as it is. The kinds are stored in the notes of the order's history.
 */
export type Result = StepResult | PaymentResult | RefundStepResult;

export type StepResult =
  /** `storeId`: the coupon discounts the lines of this store; null = all lines. */
  | { readonly kind: 'COUPON_RESERVED'; readonly discount: bigint; readonly storeId: bigint | null }
  | { readonly kind: 'COUPON_REFUSED'; readonly refusal: Refusal }
  | { readonly kind: 'POINTS_HELD' }
  /** The hold was refused. */
  | { readonly kind: 'POINTS_REFUSED'; readonly refusal: Refusal }
  | { readonly kind: 'COUPON_CONFIRMED' }
  /** The coupon can no longer be used for this order. */
  | { readonly kind: 'COUPON_LOST'; readonly refusal: Refusal }
  | { readonly kind: 'POINTS_CAPTURED' }
  /** The capture was refused. A separate kind, because a refusal of the hold may arrive late, from a node that was suspended. */
  | { readonly kind: 'POINTS_LOST'; readonly refusal: Refusal }
  | { readonly kind: 'POINTS_RELEASED' }
  | { readonly kind: 'COUPON_RELEASED' }
  /** The outcome of the present step is unknown: it is retried, later each time. */
  | { readonly kind: 'STEP_FAILED'; readonly step: OrderStep };

/**
 * Identifies a payment of an order: by its own id, with the provider's reference when that is known, or by the reference alone, which
 * is the provider's or our id as text.
 */
export type PaymentReference =
  | { readonly paymentId: bigint; readonly providerRef?: string }
  | { readonly providerRef: string };

export type PaymentResult =
  /** The provider accepted the request and will report later. */
  | {
      readonly kind: 'MONEY_ASKED';
      readonly paymentId: bigint;
      readonly providerRef: string;
      readonly providerUrl: string;
    }
  | {
      readonly kind: 'MONEY_IN';
      readonly payment: PaymentReference;
      readonly amount: bigint;
      readonly source: ReportSource;
    }
  | {
      readonly kind: 'MONEY_REFUSED';
      readonly payment: PaymentReference;
      readonly refusal: Refusal;
      readonly source: ReportSource;
    };

/** Where a report of a payment came from. A report from the bus is not published again. */
export type ReportSource = 'DIRECT' | 'BUS';

export type RefundStepResult =
  | { readonly kind: 'REFUND_STEP'; readonly refundId: bigint; readonly step: RefundStep }
  | { readonly kind: 'REFUND_FAILED'; readonly refundId: bigint; readonly step: string };

export type ResultOf<Kind extends Result['kind']> = Extract<Result, { readonly kind: Kind }>;
