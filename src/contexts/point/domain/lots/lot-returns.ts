import { DAY_MS } from '../../../../platform/kernel/durations.ts';
import { minOf } from '../../../../platform/kernel/money.ts';
import type { LedgerUnitOfWork } from '../ledger-unit-of-work.ts';
import type { LotMove } from '../postings/transaction.ts';

/** Refunded points stay valid at least this long, so that the user can spend them. */
export const VALID_AFTER_REFUND_MS = 7 * DAY_MS;

/**
 * Returns the moves that return `amount` of the taken points, without the last `skip` of them, which were returned before. Points are
 * returned in reverse order of spending, so that the lots are as if less had been spent.
 */
export function returnMoves(taken: readonly LotMove[], amount: bigint, skip = 0n): readonly LotMove[] {
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
  if (left > 0n) throw new Error(`${amount} after ${skip} exceeds the taken points`);
  return moves;
}

/** Extends lots that expire earlier to 7 days from now. */
export function extendLots(work: LedgerUnitOfWork, moves: readonly LotMove[]): void {
  const untilMs = work.nowMs + VALID_AFTER_REFUND_MS;
  for (const { lotId } of moves) {
    const lot = work.lot(lotId);
    if (lot && lot.expiresAtMs < untilMs) work.extend(lot, untilMs);
  }
}
