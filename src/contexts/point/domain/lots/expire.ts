import type { ExpireCommand } from '../command.ts';
import type { PointOutcome } from '../decision.ts';
import type { LedgerUnitOfWork } from '../ledger-unit-of-work.ts';
import { done, NOTHING } from '../outcome.ts';
import { isExpired } from './lot.ts';

/** Removes the rest of those lots that have expired. */
export function expire(work: LedgerUnitOfWork, { userId, lotIds }: ExpireCommand): PointOutcome {
  const lots = lotIds.flatMap((id) => {
    const lot = work.lot(id);
    return lot && lot.remaining > 0n && isExpired(lot, work.nowMs) ? [{ lotId: id, amount: -lot.remaining }] : [];
  });
  if (lots.length === 0) return NOTHING;
  const amount = lots.reduce((sum, move) => sum - move.amount, 0n);
  return done(work.post({ userId, type: 'EXPIRE', from: 'USER', to: 'EXPIRED', amount, lots }));
}
