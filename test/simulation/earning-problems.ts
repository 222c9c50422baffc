import { creditOf } from '../../src/contexts/point/domain/postings/transaction.ts';
import { portion } from '../../src/platform/kernel/money.ts';
import { isPaid } from './is-paid.ts';
import type { Shop } from './shop.ts';

/** Each order has earned its rate of the money that the shop keeps of it, by the ledger's transactions. */
export function earningProblems({ orders, points, earning }: Shop): string[] {
  const earned = new Map<string, bigint>();
  for (const { transaction } of points.postings) {
    const { orderId, key } = transaction;
    if (orderId === null || !key?.startsWith('order-')) continue;
    earned.set(orderId, (earned.get(orderId) ?? 0n) + creditOf(transaction));
  }
  const problems: string[] = [];
  for (const order of orders.state.orders.values()) {
    const name = String(order.id);
    const payment = 'paymentId' in order.state ? orders.state.payments.get(order.state.paymentId ?? 0n) : undefined;
    const money = isPaid(order) && payment?.method === 'EXTERNAL' ? payment.amount - order.refundedAmount : 0n;
    const due = money > 0n ? portion(money, earning.rateBp) : 0n;
    const has = earned.get(name) ?? 0n;
    earned.delete(name);
    if (has !== due) problems.push(`order ${name} has earned ${has} for ${money}, and should have earned ${due}`);
  }
  for (const orderId of earned.keys()) problems.push(`points were earned by ${orderId}, which is no order`);
  return problems;
}
