import { type CancelCommand, keys } from './command.ts';
import type { PointOutcome } from './decision.ts';
import { prolong, returnOf } from './give-back.ts';
import type { LedgerDesk } from './ledger-desk.ts';
import { done, insufficient, replayed } from './outcome.ts';

/** Reverses a transaction, whole and once. */
export function cancel(desk: LedgerDesk, command: CancelCommand): PointOutcome {
  const key = keys.cancel(command.source.id);
  const before = desk.keyed(command.userId, key);
  if (before) return replayed(before);
  return command.source.type === 'USE' ? giveBack(desk, command, key) : takeBack(desk, command, key);
}

function giveBack(desk: LedgerDesk, command: CancelCommand, key: string): PointOutcome {
  const { userId, source } = command;
  const amount = -source.amount;
  const lots = returnOf(desk.taken(source.id), amount);
  if (command.prolongs) prolong(desk, lots);
  const parts = partsOf(command, key);
  return done(desk.post({ userId, type: 'CANCEL', from: 'SPENT', to: 'USER', amount, lots, parts }));
}

/** From the very lot that it brought: other points are not its business. */
function takeBack(desk: LedgerDesk, command: CancelCommand, key: string): PointOutcome {
  const { userId, source } = command;
  const { amount } = source;
  const left = desk.lot(source.id)?.remaining ?? 0n;
  if (left < amount) return insufficient(left);
  const lots = [{ lotId: source.id, amount: -amount }];
  const parts = partsOf(command, key);
  return done(desk.post({ userId, type: 'CANCEL', from: 'USER', to: 'ISSUER', amount, lots, parts }));
}

const partsOf = ({ source, reason, by }: CancelCommand, key: string) => ({
  key,
  orderId: source.orderId,
  sourceId: source.id,
  reason,
  by,
});
