import { contentHash } from '../../../../platform/kernel/content-hash.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { TransactionResponse, UsePointsRequest } from '../../api.ts';
import { keys } from '../../domain/command.ts';
import { checkInput } from '../check-input.ts';
import type { PointLedger } from '../point-ledger.ts';
import { submitOnce } from './submit-once.ts';

/** Spends points. */
export const usePoints =
  (ledger: PointLedger) =>
  async ({ userId, amount, key, orderId: named, commandKey }: UsePointsRequest): Promise<TransactionResponse> => {
    const wrong = checkInput({ userId, amount, key, orderId: named });
    if (wrong) return toRefusalResponse(wrong);
    const orderId = named ?? null;
    const hash = contentHash<UsePointsRequest>('USE', { amount, orderId });
    const command = { kind: 'USE' as const, userId, amount, orderId, key: keys.given(key), contentHash: hash };
    return await submitOnce(ledger, command, commandKey);
  };
