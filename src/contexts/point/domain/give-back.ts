import { minOf } from '../../../platform/kernel/money.ts';
import type { LedgerDesk } from './ledger-desk.ts';
import type { LotMove } from './transaction.ts';

const DAY_MS = 86_400_000;
/** Points that a refund brings back are not gone before anybody can use them. */
export const LIFE_AFTER_REFUND_MS = 7 * DAY_MS;

/**
 * What gives `amount` back of what was taken, leaving out the last `skip` of it. The last that was taken goes back first: then
 * the lots are as if less had been spent in the first place.
 */
export function returnOf(taken: readonly LotMove[], amount: bigint, skip = 0n): readonly LotMove[] {
  const moves: LotMove[] = [];
  let skipping = skip;
  let left = amount;
  for (const { lotId, amount: took } of taken.toReversed()) {
    const passed = minOf(-took, skipping);
    skipping -= passed;
    const back = minOf(-took - passed, left);
    left -= back;
    if (back > 0n) moves.push({ lotId, amount: back });
  }
  if (left > 0n) throw new Error(`${amount} shall go back after ${skip}, which is more than was taken`);
  return moves;
}

/** Gives the lots 7 days from now, those that would end before. */
export function prolong(desk: LedgerDesk, moves: readonly LotMove[]): void {
  const untilMs = desk.nowMs + LIFE_AFTER_REFUND_MS;
  for (const { lotId } of moves) {
    const lot = desk.lot(lotId);
    if (lot && lot.expiresAtMs < untilMs) desk.prolong(lot, untilMs);
  }
}
