import type { PaymentReference } from '../input.ts';
import type { Payment } from '../order.ts';

export const referenceText = (reference: PaymentReference): string =>
  'paymentId' in reference ? String(reference.paymentId) : reference.providerRef;

/**
 * Returns the payment that a reference identifies, with the provider's reference added to it. A provider may send its report before its
 * response, and by webhook and bus: an unknown reference then belongs to a payment that has none yet. Otherwise the same money would
 * be counted under two references, and refunded as if it had been paid twice.
 */
export function findPayment(payments: readonly Payment[], reference: PaymentReference): Payment | undefined {
  const text = referenceText(reference);
  const found =
    payments.find(({ id, providerRef }) => String(id) === text || providerRef === text) ??
    payments.find(({ providerRef }) => providerRef !== null && providerRef === reference.providerRef);
  if (found) {
    return reference.providerRef === undefined ? found : withProviderRef(payments, found, reference.providerRef);
  }
  if ('paymentId' in reference) return undefined;
  const withoutRef = payments.filter(
    ({ method, status, providerRef }) =>
      method === 'EXTERNAL' && providerRef === null && (status === 'PENDING' || status === 'FAILED'),
  );
  const begun = withoutRef.find(({ status }) => status === 'PENDING') ?? withoutRef.at(-1);
  return begun && { ...begun, providerRef: text };
}

/** Adds the provider's reference to a payment. An earlier reference stays, and one that another payment has is ignored. */
export function withProviderRef(payments: readonly Payment[], payment: Payment, providerRef: string): Payment {
  const taken = payment.providerRef !== null || String(payment.id) === providerRef;
  if (taken || payments.some((each) => each.providerRef === providerRef)) return payment;
  return { ...payment, providerRef };
}
