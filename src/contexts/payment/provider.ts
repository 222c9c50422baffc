import { Unavailable } from '../../platform/kernel/refusal.ts';

/**
 * The external payment provider. Every call is idempotent by its ids. A call that rejects has an unknown outcome and is made again.
 * Every call must end, so an adapter has its own timeout.
 */
export interface PaymentProvider {
  begin(payment: {
    readonly paymentId: bigint;
    /** What is paid: an order, or a charge of points. */
    readonly orderId: bigint;
    readonly userId: bigint;
    readonly amount: bigint;
  }): Promise<PaymentBegun>;
  /** Refunds a part or all of a completed payment. Resolves when the provider has accepted it. */
  refund(refund: {
    readonly refundId: bigint;
    readonly paymentId: bigint;
    /** The provider's own id of the payment, if it is known. */
    readonly providerRef: string | null;
    readonly amount: bigint;
  }): Promise<void>;
}

export type PaymentBegun =
  | { readonly kind: 'COMPLETED'; readonly providerRef: string }
  | { readonly kind: 'DECLINED'; readonly providerRef: string; readonly reason: string }
  /** The provider will report; the customer pays there. */
  | { readonly kind: 'PENDING'; readonly providerRef: string; readonly url: string };

/** A payment with a provider that this node lacks waits for a node that has it. */
const unavailable = () => Promise.reject(new Unavailable('DEPENDENCY_UNAVAILABLE', 'there is no payment provider'));
export const NO_PROVIDER: PaymentProvider = { begin: unavailable, refund: unavailable };
