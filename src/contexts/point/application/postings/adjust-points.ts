import { contentHash } from '../../../../platform/kernel/content-hash.ts';
import { refuse } from '../../../../platform/kernel/refusal.ts';
import type { AdjustPointsRequest, TransactionResponse } from '../../api.ts';
import { keys } from '../../domain/command.ts';
import { checkInput } from '../check-input.ts';
import type { PointLedger } from '../point-ledger.ts';
import { nameOf } from '../staff.ts';
import { toTransactionRefusal, toTransactionResponse } from '../views.ts';

/** Adds or removes points by an administrator. */
export const adjustPoints =
  (ledger: PointLedger) =>
  async ({ principal, userId, amount, reason, key }: AdjustPointsRequest): Promise<TransactionResponse> => {
    if (principal?.role !== 'ADMIN') return toTransactionRefusal(refuse('FORBIDDEN'));
    const wrong = checkInput({ userId, amount: amount < 0n ? -amount : amount, key, reason });
    if (wrong) return toTransactionRefusal(wrong);
    const hash = contentHash('ADJUST', amount, reason);
    const command = { kind: 'ADJUST' as const, userId, amount, reason, by: nameOf(principal) };
    return toTransactionResponse(await ledger.submit({ ...command, key: keys.given(key), contentHash: hash }));
  };
