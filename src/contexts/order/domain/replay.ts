import type { Order, Payment } from './order.ts';

// The first response to a key, after later changes. Other fields of an order do not change.

/** The order as the first response to its placement showed it. Undefined when it was never reserved. */
export function asFirstReserved(order: Order): Order | undefined {
  if (order.reservedAtMs === null) return undefined;
  return { ...withoutRefunds(order), state: { status: 'RESERVED', step: null } };
}

/** The order as the first response to its payment showed it. Undefined when it was never paid. */
export function asFirstPaid(order: Order): Order | undefined {
  const { state } = order;
  return state.status === 'PAID' || state.status === 'REFUNDED'
    ? { ...withoutRefunds(order), state: { ...state, status: 'PAID' } }
    : undefined;
}

/** The payment as its first response showed it: PENDING when it was to be paid at a URL, else as it was settled. */
export function asFirstReturned(payment: Payment): Payment {
  if (payment.providerUrl !== null) return { ...payment, status: 'PENDING', refusal: null, settledAtMs: null };
  return payment.status === 'REFUNDED' ? { ...payment, status: 'COMPLETED' } : payment;
}

function withoutRefunds(order: Order): Order {
  const lines = order.lines.map((line) => ({ ...line, refundedQuantity: 0 }));
  return { ...order, lines, refundedAmount: 0n, refundedPoints: 0n };
}
