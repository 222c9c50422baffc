import { contentHash } from '../../../platform/kernel/content-hash.ts';
import { refuse } from '../../../platform/kernel/refusal.ts';
import type { EarnPointsRequest, TransactionResponse } from '../api.ts';
import { keys } from '../domain/command.ts';
import { transactionRefused } from './answers.ts';
import { checkInput } from './check-input.ts';
import type { PointLedger } from './point-ledger.ts';
import { isStaff, nameOf } from './staff.ts';
import { submitOnce } from './submit-once.ts';

/** Points as a present. */
export const earnPoints =
  (ledger: PointLedger) =>
  async ({
    principal,
    userId,
    amount,
    reason,
    key,
    commandKey,
    ...life
  }: EarnPointsRequest): Promise<TransactionResponse> => {
    if (!isStaff(principal)) return transactionRefused(refuse('FORBIDDEN'));
    const wrong = checkInput({ userId, amount, key, reason });
    if (wrong) return transactionRefused(wrong);
    const availableAtMs = life.availableAt?.getTime() ?? null;
    const expiresAtMs = life.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
    const hash = contentHash('EARN', amount, reason, availableAtMs, life.expiresAt?.getTime() ?? null);
    const asked = { kind: 'EARN' as const, userId, amount, reason, by: nameOf(principal), availableAtMs, expiresAtMs };
    return await submitOnce(ledger, { ...asked, key: keys.given(key), contentHash: hash }, commandKey);
  };
