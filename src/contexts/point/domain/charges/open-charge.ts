import { refuse } from '../../refusals.ts';
import type { PointOutcome } from '../decision.ts';
import type { LedgerUnitOfWork } from '../ledger-unit-of-work.ts';
import { chargeOutcome, refused } from '../outcome.ts';
import { CHARGE_LIFE_MS, type Charge, OPEN_CHARGES_MAX } from './charge.ts';
import type { ChargeCommand } from './charge-command.ts';
import { expireCharge } from './charge-results.ts';

/** The request that opened a charge asks the provider at once; after this time the scheduler does. */
export const REQUEST_MS = 15_000;

/**
 * Opens a charge and keeps room for it under the balance cap. Refused: OPEN_CHARGE_LIMIT_EXCEEDED (decided again when it is repeated),
 * POINT_LIMIT_EXCEEDED (stored for its key), IDEMPOTENCY_KEY_REUSED.
 */
export function openCharge(
  work: LedgerUnitOfWork,
  { userId, amount, currency, key, contentHash }: Extract<ChargeCommand, { kind: 'OPEN_CHARGE' }>,
  limit: bigint,
): PointOutcome {
  const { nowMs } = work;
  const before = work.chargeOfKey(userId, key);
  const refusal = work.refused(userId, key);
  const first = before ?? work.keyed(userId, key) ?? refusal;
  if (first && first.contentHash !== contentHash) return refused(refuse('IDEMPOTENCY_KEY_REUSED'));
  if (before) return chargeOutcome(before, { isReplayed: true });
  if (refusal) return { kind: 'refused', refusal: refusal.refusal, replayed: true };

  // Those whose time is over take no room, even where the scheduler is late.
  for (const open of work.openCharges(userId)) if (nowMs >= open.expiresAtMs) expireCharge(work, open);
  if (work.openCharges(userId).length >= OPEN_CHARGES_MAX) {
    return refused(refuse('OPEN_CHARGE_LIMIT_EXCEEDED', { limit: String(OPEN_CHARGES_MAX) }));
  }
  const full = work.refusalAbove(userId, amount, limit);
  if (full) {
    work.refuse({ userId, key, contentHash, refusal: full });
    return refused(full);
  }
  const charge: Omit<Charge, 'revision'> = {
    id: work.nextId(),
    userId,
    amount,
    currency,
    key,
    contentHash,
    state: { status: 'PENDING', step: 'REQUEST_PAYMENT' },
    providerRef: null,
    reportedId: null,
    providerUrl: null,
    createdAtMs: nowMs,
    expiresAtMs: nowMs + CHARGE_LIFE_MS,
    settledAtMs: null,
    resumeAtMs: nowMs + REQUEST_MS,
    attempts: 0,
  };
  return chargeOutcome(work.saveCharge(charge), { isChanged: true });
}
