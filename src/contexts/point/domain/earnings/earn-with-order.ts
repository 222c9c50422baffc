import { minOf } from '../../../../platform/kernel/money.ts';
import { keys } from '../command.ts';
import type { PointOutcome } from '../decision.ts';
import type { LedgerUnitOfWork } from '../ledger-unit-of-work.ts';
import { NOTHING } from '../outcome.ts';
import type { EarningCommand } from './earning-command.ts';
import { dueFor, type OrderEarning } from './order-earning.ts';

type Of<Kind extends EarningCommand['kind']> = Extract<EarningCommand, { readonly kind: Kind }>;

/** Gives the points for the money that the shop keeps of an order. They repay first what the user owes. */
export function orderPaid(work: LedgerUnitOfWork, command: Of<'ORDER_PAID'>): PointOutcome {
  const { userId, orderId, money, rateBp, availableAtMs } = command;
  const before = work.earning(userId, orderId) ?? unpaid(command);
  if (before.paid !== null) return NOTHING;
  const paid = { ...before, paid: { money, rateBp } };
  const amount = dueFor(paid);
  if (amount === 0n) {
    work.saveEarning(paid);
    return NOTHING;
  }
  const { id: transactionId } = work.post({
    userId,
    type: 'EARN',
    from: 'ISSUER',
    to: 'USER',
    amount,
    receivable: -minOf(work.account(userId).receivable, amount),
    lots: { availableAtMs, expiresAtMs: Number.POSITIVE_INFINITY },
    parts: { key: keys.orderEarned(orderId), orderId },
  });
  work.saveEarning({ ...paid, transactionId, earned: amount });
  return NOTHING;
}

/** Takes back the points for money that was refunded. What was spent of them is owed by the user. */
export function orderRefunded(work: LedgerUnitOfWork, command: Of<'ORDER_REFUNDED'>): PointOutcome {
  const { userId, orderId, refunded } = command;
  const before = work.earning(userId, orderId) ?? unpaid(command);
  if (refunded <= before.refunded) return NOTHING;
  const after = { ...before, refunded };
  const amount = before.earned - before.taken - dueFor(after);
  if (before.paid === null || before.transactionId === null || amount === 0n) {
    work.saveEarning(after);
    return NOTHING;
  }
  const { transactionId: sourceId } = before;
  // No lot when all of it repaid what the user owed.
  const left = minOf(work.lot(sourceId)?.remaining ?? 0n, amount);
  work.post({
    userId,
    type: 'CANCEL',
    from: 'USER',
    to: 'ISSUER',
    amount,
    receivable: amount - left,
    lots: left === 0n ? [] : [{ lotId: sourceId, amount: -left }],
    parts: { key: keys.orderTakenBack(orderId, refunded), orderId, sourceId },
  });
  work.saveEarning({ ...after, taken: before.taken + amount });
  return NOTHING;
}

const unpaid = ({ userId, orderId }: EarningCommand): Omit<OrderEarning, 'revision'> => ({
  userId,
  orderId,
  paid: null,
  refunded: 0n,
  transactionId: null,
  earned: 0n,
  taken: 0n,
});
