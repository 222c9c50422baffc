import { type CancelCommand, keys } from '../command.ts';
import type { PointOutcome } from '../decision.ts';
import type { LedgerUnitOfWork } from '../ledger-unit-of-work.ts';
import { extendLots, returnMoves } from '../lots/lot-returns.ts';
import { done, insufficient, replayed } from '../outcome.ts';

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

/** Removes the points from the lot that the transaction created, and from no other lot. */
function reverseCredit(work: LedgerUnitOfWork, command: CancelCommand, key: string): PointOutcome {
  const { userId, source } = command;
  const { amount } = source;
  const left = work.lot(source.id)?.remaining ?? 0n;
  if (left < amount) return insufficient(left);
  const lots = [{ lotId: source.id, amount: -amount }];
  const parts = partsOf(command, key);
  return done(work.post({ userId, type: 'CANCEL', from: 'USER', to: 'ISSUER', amount, lots, parts }));
}

const partsOf = ({ source, reason, by }: CancelCommand, key: string) => ({
  key,
  orderId: source.orderId,
  sourceId: source.id,
  reason,
  by,
});
