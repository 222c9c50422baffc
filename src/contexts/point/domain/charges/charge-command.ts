import type { PointRefusal } from '../../refusals.ts';

/** What happens to charges that are paid for. */
export type ChargeCommand =
  /** Has one effect for its key. */
  | {
      readonly kind: 'OPEN_CHARGE';
      readonly userId: bigint;
      readonly amount: bigint;
      readonly currency: string;
      readonly key: string;
      readonly contentHash: string;
    }
  /** Has one effect, whatever is repeated. */
  | {
      readonly kind: 'CHARGE_RESULT';
      readonly userId: bigint;
      readonly chargeId: bigint;
      readonly result: ChargeResult;
    };

export type ChargeResult =
  /** The provider accepted the payment and will report. */
  | { readonly kind: 'PAYMENT_REQUESTED'; readonly providerRef: string; readonly providerUrl: string }
  | ({ readonly kind: 'MONEY_IN'; readonly amount: bigint } & PaymentNames)
  | ({ readonly kind: 'MONEY_REFUSED'; readonly refusal: PointRefusal } & PaymentNames)
  /** The provider was not reached; the request is repeated. */
  | { readonly kind: 'REQUEST_FAILED' }
  | { readonly kind: 'TIME_OUT' }
  | { readonly kind: 'REFUND_DONE' | 'REFUND_FAILED'; readonly refundId: bigint };

/** How the provider names a payment. */
export interface PaymentNames {
  /** Our id, which is that of the charge when we requested the payment. */
  readonly paymentId: bigint;
  readonly providerRef: string | null;
}
