import { contentHash } from '../../../platform/kernel/content-hash.ts';
import type { TransactionResponse, UsePointsRequest } from '../api.ts';
import { keys } from '../domain/command.ts';
import { transactionAnswer, transactionRefused } from './answers.ts';
import { checkInput } from './check-input.ts';
import type { PointLedger } from './point-ledger.ts';

/** Spends points. */
export const usePoints =
  (ledger: PointLedger) =>
  async ({ userId, amount, key, orderId: named }: UsePointsRequest): Promise<TransactionResponse> => {
    const wrong = checkInput({ userId, amount, key, orderId: named });
    if (wrong) return transactionRefused(wrong);
    const orderId = named ?? null;
    const hash = contentHash('USE', amount, orderId);
    return transactionAnswer(
      await ledger.submit({ kind: 'USE', userId, amount, orderId, key: keys.given(key), contentHash: hash }),
    );
  };
