import { pointPaymentIdOf } from '../../src/contexts/order/domain/next-step.ts';
import type { Order } from '../../src/contexts/order/domain/order.ts';
import { keys } from '../../src/contexts/point/domain/command.ts';
import { userKey } from '../../src/contexts/point/domain/decision.ts';
import type { Answers } from './answers.ts';
import { isPaid } from './is-paid.ts';
import type { Shop } from './shop.ts';

/** Nothing is held; each order captured what it used and what was paid with points, and got its refunds. */
export function pointProblems({ orders, points }: Shop, { charged }: Pick<Answers, 'charged'>): string[] {
  const problems: string[] = [];
  const keyed = new Map<string, bigint>();
  for (const { transaction } of points.postings) {
    if (transaction.key === null) continue;
    const place = userKey(transaction.userId, transaction.key);
    if (keyed.has(place)) problems.push(`${place}: this key had its effect twice`);
    keyed.set(place, transaction.id);
  }
  for (const { userId, key, answer } of charged) {
    if (answer.$case !== 'transaction') continue;
    const id = keyed.get(userKey(userId, keys.given(key)));
    if (id !== answer.value.id) problems.push(`${key} got transaction ${answer.value.id}, but has ${id}`);
  }
  for (const { userId, balance, held, receivable } of points.accounts.values()) {
    if (held !== 0n) problems.push(`user ${userId}: ${held} points are held without an order`);
    const moved = points.postings
      .filter(({ transaction }) => transaction.userId === userId)
      .reduce((sum, { moves }) => sum + moves.reduce((total, { amount }) => total + amount, 0n), 0n);
    if (moved !== balance) problems.push(`user ${userId}: ${balance} points, by the ledger ${moved}`);
    const owed = points.postings
      .filter(({ transaction }) => transaction.userId === userId)
      .reduce((sum, { transaction }) => sum + transaction.receivable, 0n);
    if (owed !== receivable) problems.push(`user ${userId} owes ${receivable}, by the ledger ${owed}`);
    if (balance < 0n || receivable < 0n) problems.push(`user ${userId}: ${balance} points, ${receivable} owed`);
  }
  const known = new Set<string>();
  for (const order of orders.state.orders.values()) {
    const { id, pointsUsed, refundedPoints } = order;
    expect(order, String(id), isPaid(order) ? pointsUsed : 0n, refundedPoints);
    for (const payment of orders.state.payments.values()) {
      if (payment.orderId !== id || payment.method !== 'POINTS' || payment.amount === 0n) continue;
      const isIn = payment.status === 'COMPLETED' || payment.status === 'REFUNDED';
      const back = [...orders.state.refunds.values()]
        .filter(({ paymentId }) => paymentId === payment.id)
        .reduce((sum, { money }) => sum + money, 0n);
      expect(order, pointPaymentIdOf(payment), isIn ? payment.amount : 0n, back);
    }
  }
  for (const { orderId } of points.holds.values()) {
    if (!known.has(orderId)) problems.push(`points were held for ${orderId}, which is no order`);
  }
  return problems;

  function expect({ userId }: Order, name: string, captured: bigint, refunded: bigint): void {
    known.add(name);
    const hold = points.hold(userId, name);
    const isCaptured = hold?.state.status === 'CAPTURED';
    const is = isCaptured ? `${hold.amount} captured` : (hold?.state.status ?? 'nothing');
    if ((isCaptured ? hold.amount : 0n) !== captured || hold?.state.status === 'HELD') {
      problems.push(`order ${name}: ${captured} points should be captured, and there is: ${is}`);
    }
    const back = hold?.state.status === 'CAPTURED' ? hold.state.refunded : 0n;
    if (back !== refunded) problems.push(`order ${name}: ${refunded} points should be back, and ${back} are`);
  }
}
