import type { PaymentName } from './command.ts';
import type { Payment } from './order.ts';

export const textOf = (name: PaymentName): string => ('paymentId' in name ? String(name.paymentId) : name.providerRef);

/**
 * Which of an order's payments is meant, with the provider's name for it. A provider may report faster than it answers, and by two
 * ways: a name that is new is that of a payment that it has not named yet. The same money, heard of under two names, would be given
 * back as if it had come twice.
 */
export function paymentNamed(payments: readonly Payment[], name: PaymentName): Payment | undefined {
  const text = textOf(name);
  const found =
    payments.find(({ id, providerRef }) => String(id) === text || providerRef === text) ??
    payments.find(({ providerRef }) => providerRef !== null && providerRef === name.providerRef);
  if (found) return name.providerRef === undefined ? found : withName(payments, found, name.providerRef);
  if ('paymentId' in name) return undefined;
  const nameless = payments.filter(
    ({ method, status, providerRef }) =>
      method === 'EXTERNAL' && providerRef === null && (status === 'PENDING' || status === 'FAILED'),
  );
  const asked = nameless.find(({ status }) => status === 'PENDING') ?? nameless.at(-1);
  return asked && { ...asked, providerRef: text };
}

/** The first name stays, and one that another payment has is none. */
export function withName(payments: readonly Payment[], payment: Payment, providerRef: string): Payment {
  const taken = payment.providerRef !== null || String(payment.id) === providerRef;
  if (taken || payments.some((each) => each.providerRef === providerRef)) return payment;
  return { ...payment, providerRef };
}
