import type { PaymentReference } from '../input.ts';
import type { Payment } from '../order.ts';

export const referenceText = (reference: PaymentReference): string =>
  'paymentId' in reference ? String(reference.paymentId) : reference.providerRef;

/**
 * Returns the payment that a reference identifies by any of its names, with the other names of the reference added to it. A provider may
 * send its report before its response, by webhook and bus, and with its own reference or without: an unknown reference then belongs to a
 * payment that has none yet. Otherwise the same money would be counted under two references, and refunded as if it had been paid twice.
 */
export function findPayment(payments: readonly Payment[], reference: PaymentReference): Payment | undefined {
  const text = referenceText(reference);
  const found =
    payments.find(
      ({ id, providerRef, reportedId }) => String(id) === text || providerRef === text || String(reportedId) === text,
    ) ?? payments.find(({ providerRef }) => providerRef !== null && providerRef === reference.providerRef);
  if (found) {
    const named = withReportedId(found, reference);
    return reference.providerRef === undefined ? named : withProviderRef(payments, named, reference.providerRef);
  }
  if ('paymentId' in reference) return undefined;
  const withoutRef = payments.filter(
    ({ method, status, providerRef }) =>
      method === 'EXTERNAL' && providerRef === null && (status === 'PENDING' || status === 'FAILED'),
  );
  const begun = withoutRef.find(({ status }) => status === 'PENDING') ?? withoutRef.at(-1);
  return begun && { ...begun, providerRef: text };
}

/** Adds the id of a report to a payment that was found by the provider's reference. An earlier id stays. */
function withReportedId(payment: Payment, reference: PaymentReference): Payment {
  const isKnown = !('paymentId' in reference) || reference.paymentId === payment.id || payment.reportedId !== null;
  return isKnown ? payment : { ...payment, reportedId: reference.paymentId };
}

/**
 * Adds the provider's reference to a payment. An earlier reference stays, unless it only repeats the id of the report, and one that is a name
 * of another payment is ignored.
 */
export function withProviderRef(payments: readonly Payment[], payment: Payment, providerRef: string): Payment {
  const isNamed = payment.providerRef !== null && payment.providerRef !== String(payment.reportedId);
  if (isNamed || String(payment.id) === providerRef) return payment;
  const isTaken = payments.some(
    (each) => each.id !== payment.id && (each.providerRef === providerRef || String(each.reportedId) === providerRef),
  );
  return isTaken ? payment : { ...payment, providerRef };
}
