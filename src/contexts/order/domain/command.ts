import type { Refusal } from '../../../platform/kernel/refusal.ts';

/** What goes through the batcher: an order to be placed, or a fact about one that was. */
export type OrderCommand = PlaceCommand | FactCommand;

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

export interface FactCommand {
  readonly kind: 'FACT';
  readonly orderId: bigint;
  /** Whose the order has to be; null = anybody's. */
  readonly userId: bigint | null;
  readonly fact: Fact;
}

/**
 * What has happened, or is wanted. The answer to a step counts only while that step is the order's; a fact that comes twice,
 * late or out of order changes nothing, and the outcome tells what is.
 */
export type Fact = StepFact | CustomerFact | MoneyFact | RefundFact | { readonly kind: 'TIME_OUT' };

export type StepFact =
  | { readonly kind: 'COUPON_RESERVED'; readonly discount: bigint }
  | { readonly kind: 'COUPON_REFUSED'; readonly refusal: Refusal }
  | { readonly kind: 'POINTS_HELD' }
  /** They cannot be held. */
  | { readonly kind: 'POINTS_REFUSED'; readonly refusal: Refusal }
  | { readonly kind: 'COUPON_CONFIRMED' }
  /** The coupon cannot be used for this order any more. */
  | { readonly kind: 'COUPON_LOST'; readonly refusal: Refusal }
  | { readonly kind: 'POINTS_CAPTURED' }
  /** What was held cannot be captured. Apart from the refusal to hold: that may come late, from a driver that stood still. */
  | { readonly kind: 'POINTS_LOST'; readonly refusal: Refusal }
  | { readonly kind: 'POINTS_RELEASED' }
  | { readonly kind: 'COUPON_RELEASED' }
  /** The present step could not be tried to its end: it comes again, later each time. */
  | { readonly kind: 'STEP_FAILED'; readonly step: string };

export type CustomerFact =
  | {
      readonly kind: 'PAY';
      readonly method: 'POINTS' | 'EXTERNAL';
      readonly key: string;
      readonly contentHash: string;
    }
  | { readonly kind: 'CANCEL' };

/**
 * Which payment: ours by its id, together with the provider's when that is told, or as the provider alone calls it: by its own or by
 * ours as text.
 */
export type PaymentName =
  | { readonly paymentId: bigint; readonly providerRef?: string }
  | { readonly providerRef: string };

export type MoneyFact =
  /** The provider has been asked and will say later. */
  | {
      readonly kind: 'MONEY_ASKED';
      readonly paymentId: bigint;
      readonly providerRef: string;
      readonly providerUrl: string;
    }
  | { readonly kind: 'MONEY_IN'; readonly payment: PaymentName; readonly amount: bigint; readonly heard: Heard }
  | { readonly kind: 'MONEY_REFUSED'; readonly payment: PaymentName; readonly refusal: Refusal; readonly heard: Heard };

/** Where the news of a payment comes from. What the bus said is not published again. */
export type Heard = 'DIRECTLY' | 'BUS';

export type RefundFact =
  | {
      readonly kind: 'REFUND';
      readonly key: string;
      readonly contentHash: string;
      /** Empty = all that is left. */
      readonly lines: readonly { readonly line: number; readonly quantity: number }[];
      readonly reason: string;
      readonly by: string;
    }
  /** A step of a refund is done. */
  | { readonly kind: 'REFUND_STEP'; readonly refundId: bigint; readonly step: 'MONEY' | 'POINTS' | 'COUPON' }
  | { readonly kind: 'REFUND_FAILED'; readonly refundId: bigint; readonly step: string };
