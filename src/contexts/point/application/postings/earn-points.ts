import { contentHash } from '../../../../platform/kernel/content-hash.ts';
import { isOperator } from '../../../../platform/kernel/operator.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { EarnPointsRequest, TransactionResponse } from '../../api.ts';
import { keys } from '../../domain/command.ts';
import { refuse } from '../../refusals.ts';
import { checkInput } from '../check-input.ts';
import type { PointLedger } from '../point-ledger.ts';
import { nameOf } from '../principal-name.ts';
import { submitOnce } from './submit-once.ts';

/** Credits points that the user is given. */
export const earnPoints =
  (ledger: PointLedger) =>
  async ({
    principal,
    userId,
    amount,
    reason,
    key,
    commandKey,
    ...validity
  }: EarnPointsRequest): Promise<TransactionResponse> => {
    if (!isOperator(principal?.role)) return toRefusalResponse(refuse('FORBIDDEN'));
    const wrong = checkInput({ userId, amount, key, reason });
    if (wrong) return toRefusalResponse(wrong);
    const availableAtMs = validity.availableAt?.getTime() ?? null;
    const expiresAtMs = validity.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
    const hash = contentHash<EarnPointsRequest>('EARN', {
      amount,
      reason,
      availableAt: availableAtMs,
      expiresAt: validity.expiresAt?.getTime() ?? null,
    });
    const command = {
      kind: 'EARN' as const,
      userId,
      amount,
      reason,
      by: nameOf(principal),
      availableAtMs,
      expiresAtMs,
    };
    return await submitOnce(ledger, { ...command, key: keys.given(key), contentHash: hash }, commandKey);
  };
