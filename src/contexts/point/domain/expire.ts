import type { ExpireCommand } from './command.ts';
import type { PointOutcome } from './decision.ts';
import type { LedgerDesk } from './ledger-desk.ts';
import { isExpired } from './lot.ts';
import { done, NOTHING } from './outcome.ts';

/** Takes what is left of those of the lots that have expired. */
export function expire(desk: LedgerDesk, { userId, lotIds }: ExpireCommand): PointOutcome {
  const lots = lotIds.flatMap((id) => {
    const lot = desk.lot(id);
    return lot && lot.remaining > 0n && isExpired(lot, desk.nowMs) ? [{ lotId: id, amount: -lot.remaining }] : [];
  });
  if (lots.length === 0) return NOTHING;
  const amount = lots.reduce((sum, move) => sum - move.amount, 0n);
  return done(desk.post({ userId, type: 'EXPIRE', from: 'USER', to: 'EXPIRED', amount, lots }));
}
