import { contentHash } from '../../../../platform/kernel/content-hash.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { AdjustPointsRequest, TransactionResponse } from '../../api.ts';
import { keys } from '../../domain/command.ts';
import { refuse } from '../../refusals.ts';
import { checkInput } from '../check-input.ts';
import type { PointLedger } from '../point-ledger.ts';
import { nameOf } from '../principal-name.ts';
import { toTransactionResponse } from '../views.ts';

/** Adds or removes points by an administrator. */
export const adjustPoints =
  (ledger: PointLedger) =>
  async ({ principal, userId, amount, reason, key }: AdjustPointsRequest): Promise<TransactionResponse> => {
    if (principal?.role !== 'ADMIN') return toRefusalResponse(refuse('FORBIDDEN'));
    const wrong = checkInput({ userId, amount: amount < 0n ? -amount : amount, key, reason });
    if (wrong) return toRefusalResponse(wrong);
    const hash = contentHash<AdjustPointsRequest>('ADJUST', { amount, reason });
    const command = { kind: 'ADJUST' as const, userId, amount, reason, by: nameOf(principal) };
    return toTransactionResponse(await ledger.submit({ ...command, key: keys.given(key), contentHash: hash }));
  };
