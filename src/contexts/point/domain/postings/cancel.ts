import { refundCharge } from '../charges/charge-refunds.ts';
import { type CancelCommand, keys } from '../command.ts';
import type { PointOutcome } from '../decision.ts';
import type { LedgerUnitOfWork } from '../ledger-unit-of-work.ts';
import { extendLots, returnMoves } from '../lots/lot-returns.ts';
import { done, insufficient, replayed } from '../outcome.ts';
import { creditOf } from './transaction.ts';

/** Reverses a whole transaction, once. */
export function cancel(work: LedgerUnitOfWork, command: CancelCommand): PointOutcome {
  const key = keys.cancel(command.source.id);
  const before = work.keyed(command.userId, key);
  if (before) return replayed(before);
  return command.source.type === 'USE' ? reverseUse(work, command, key) : reverseCredit(work, command, key);
}

function reverseUse(work: LedgerUnitOfWork, command: CancelCommand, key: string): PointOutcome {
  const { userId, source } = command;
  const amount = -source.amount;
  const lots = returnMoves(work.taken(source.id), amount);
  if (command.prolongs) extendLots(work, lots);
  const parts = partsOf(command, key);
  return done(work.post({ userId, type: 'CANCEL', from: 'SPENT', to: 'USER', amount, lots, parts }));
}

/**
 * Removes the points from the lot that the transaction created, and from no other lot. Of an earn, what was spent is booked as owed by the
 * user; points that expired are not, because the user had nothing from them. A charge is reversed whole or not at all: the user has paid.
 */
function reverseCredit(work: LedgerUnitOfWork, command: CancelCommand, key: string): PointOutcome {
  const { userId, source } = command;
  const lot = work.lot(source.id);
  const left = lot?.remaining ?? 0n;
  const amount = creditOf(source) - (lot?.expired ?? 0n);
  const receivable = amount - left;
  if (amount === 0n || (receivable > 0n && source.type === 'CHARGE')) return insufficient(left);
  const lots = left === 0n ? [] : [{ lotId: source.id, amount: -left }];
  const parts = partsOf(command, key);
  if (source.chargeId !== undefined) refundCharge(work, source.chargeId, command.reason ?? 'CANCELLED');
  return done(work.post({ userId, type: 'CANCEL', from: 'USER', to: 'ISSUER', amount, receivable, lots, parts }));
}

const partsOf = ({ source, reason, by }: CancelCommand, key: string) => ({
  key,
  orderId: source.orderId,
  sourceId: source.id,
  reason,
  by,
});
