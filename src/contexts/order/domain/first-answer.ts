import type { Order, Payment } from './order.ts';

/** What a request with a key was answered first, whatever has become of the order since. All else of an order is frozen. */

/** Undefined: it never had all that it wanted. */
export function asReserved(order: Order): Order | undefined {
  if (order.reservedAtMs === null) return undefined;
  return { ...unrefunded(order), state: { status: 'RESERVED', step: null } };
}

/** Undefined: it was never paid. */
export function asPaid(order: Order): Order | undefined {
  const { state } = order;
  return state.status === 'PAID' || state.status === 'REFUNDED'
    ? { ...unrefunded(order), state: { ...state, status: 'PAID' } }
    : undefined;
}

/** A payment that the provider was to report was PENDING, and any other is as it was settled. */
export function asAnswered(payment: Payment): Payment {
  if (payment.providerUrl !== null) return { ...payment, status: 'PENDING', refusal: null, settledAtMs: null };
  return payment.status === 'REFUNDED' ? { ...payment, status: 'COMPLETED' } : payment;
}

function unrefunded(order: Order): Order {
  const lines = order.lines.map((line) => ({ ...line, refundedQuantity: 0 }));
  return { ...order, lines, refundedAmount: 0n, refundedPoints: 0n };
}
