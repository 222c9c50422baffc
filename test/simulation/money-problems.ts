import { type Order, type Payment, totalOf } from '../../src/contexts/order/domain/order.ts';
import { isPaid } from './is-paid.ts';
import { type Charge, givenBack } from './provider.ts';
import type { World } from './world.ts';

/** Money is conserved: what came in is what paid orders cost, or went back; the provider's books say the same as ours. */
export function moneyProblems({ shop, provider }: World): string[] {
  const { orders, payments, refunds } = shop.orders.state;
  const all = [...payments.values()];
  const backOf = (payment: Payment) =>
    [...refunds.values()]
      .filter(({ paymentId }) => paymentId === payment.id)
      .reduce((sum, { money }) => sum + money, 0n);
  return [
    ...all.flatMap(paymentProblems),
    ...provider.charges.filter(({ isForPoints }) => !isForPoints).flatMap(chargeProblems),
    ...[...orders.values()].flatMap(orderProblems),
  ];

  function paymentProblems(payment: Payment): string[] {
    const { id, status, amount } = payment;
    const back = backOf(payment);
    const problems: string[] = [];
    const order = orders.get(payment.orderId);
    const pays = order && isPaid(order) && 'paymentId' in order.state && order.state.paymentId === id;
    if (status === 'PENDING') problems.push(`payment ${id} is PENDING, and its order ${order?.state.status}`);
    if (back > amount) problems.push(`payment ${id}: ${back} of ${amount} went back`);
    if (status === 'FAILED' && back > 0n) problems.push(`payment ${id} FAILED, but was refunded`);
    if (status === 'COMPLETED' && !pays) problems.push(`payment ${id} pays nothing and did not go back`);
    if (status === 'REFUNDED' && back !== amount) problems.push(`payment ${id} is REFUNDED: ${back} of ${amount}`);
    if (status === 'COMPLETED' && back === amount && amount > 0n)
      problems.push(`payment ${id} is back and not REFUNDED`);
    return problems;
  }

  function chargeProblems(charge: Charge): string[] {
    const { ref, status, taken, paymentId, orderId } = charge;
    const named = all.filter(({ providerRef }) => providerRef === ref);
    const ours =
      named.length > 0 ? named : all.filter(({ id, providerRef }) => id === paymentId && providerRef === null);
    const name = `${ref} (payment ${paymentId} of order ${orderId})`;
    const [payment] = ours;
    const isHere = payment?.status === 'COMPLETED' || payment?.status === 'REFUNDED';
    if (status !== 'TAKEN') {
      return isHere && payment.amount > 0n ? [`${name} is ${status}, and ${payment.status} here`] : [];
    }
    if (ours.length !== 1 || !payment || !isHere) return [`${name} took ${taken}, and ${ours.length} payments know it`];
    const problems: string[] = [];
    if (payment.amount !== taken) problems.push(`${name} took ${taken}, and ${payment.amount} came in`);
    if (givenBack(charge) !== backOf(payment)) {
      problems.push(`${name} gave ${givenBack(charge)} back, and should have given ${backOf(payment)}`);
    }
    return problems;
  }

  /** What an order kept is what it costs, less what was refunded of it. */
  function orderProblems(order: Order): string[] {
    const own = all.filter(
      ({ orderId, status }) => orderId === order.id && status !== 'FAILED' && status !== 'PENDING',
    );
    const kept = own.reduce((sum, payment) => sum + payment.amount - backOf(payment), 0n);
    const due = isPaid(order) ? totalOf(order) - order.refundedAmount : 0n;
    return kept === due
      ? []
      : [`order ${order.id} (${order.state.status}) kept ${kept} of money, and should keep ${due}`];
  }
}
