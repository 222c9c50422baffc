import { contentHash } from '../../../platform/kernel/content-hash.ts';
import { refuse } from '../../../platform/kernel/refusal.ts';
import type { EarnPointsRequest, TransactionResponse } from '../api.ts';
import { keys } from '../domain/command.ts';
import { transactionAnswer, transactionRefused } from './answers.ts';
import { checkInput } from './check-input.ts';
import type { PointLedger } from './point-ledger.ts';
import { isStaff, nameOf } from './staff.ts';

/** Points as a present. */
export const earnPoints =
  (ledger: PointLedger) =>
  async ({ principal, userId, amount, reason, key, ...life }: EarnPointsRequest): Promise<TransactionResponse> => {
    if (!isStaff(principal)) return transactionRefused(refuse('FORBIDDEN'));
    const wrong = checkInput({ userId, amount, key, reason });
    if (wrong) return transactionRefused(wrong);
    const availableAtMs = life.availableAt?.getTime() ?? null;
    const expiresAtMs = life.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
    const hash = contentHash('EARN', amount, reason, availableAtMs, life.expiresAt?.getTime() ?? null);
    const asked = { kind: 'EARN' as const, userId, amount, reason, by: nameOf(principal), availableAtMs, expiresAtMs };
    return transactionAnswer(await ledger.submit({ ...asked, key: keys.given(key), contentHash: hash }));
  };
