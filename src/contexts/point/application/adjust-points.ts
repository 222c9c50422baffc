import { contentHash } from '../../../platform/kernel/content-hash.ts';
import { refuse } from '../../../platform/kernel/refusal.ts';
import type { AdjustPointsRequest, TransactionResponse } from '../api.ts';
import { keys } from '../domain/command.ts';
import { transactionAnswer, transactionRefused } from './answers.ts';
import { checkInput } from './check-input.ts';
import type { PointLedger } from './point-ledger.ts';
import { nameOf } from './staff.ts';

/** Corrects a balance by hand. */
export const adjustPoints =
  (ledger: PointLedger) =>
  async ({ principal, userId, amount, reason, key }: AdjustPointsRequest): Promise<TransactionResponse> => {
    if (principal?.role !== 'ADMIN') return transactionRefused(refuse('FORBIDDEN'));
    const wrong = checkInput({ userId, amount: amount < 0n ? -amount : amount, key, reason });
    if (wrong) return transactionRefused(wrong);
    const hash = contentHash('ADJUST', amount, reason);
    const asked = { kind: 'ADJUST' as const, userId, amount, reason, by: nameOf(principal) };
    return transactionAnswer(await ledger.submit({ ...asked, key: keys.given(key), contentHash: hash }));
  };
