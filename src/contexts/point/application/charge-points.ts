import { contentHash } from '../../../platform/kernel/content-hash.ts';
import type { ChargePointsRequest, TransactionResponse } from '../api.ts';
import { keys } from '../domain/command.ts';
import { transactionAnswer, transactionRefused } from './answers.ts';
import { checkInput } from './check-input.ts';
import type { PointLedger } from './point-ledger.ts';

/** The user's own money comes in. */
export const chargePoints =
  (ledger: PointLedger) =>
  async ({ userId, amount, key }: ChargePointsRequest): Promise<TransactionResponse> => {
    const wrong = checkInput({ userId, amount, key });
    if (wrong) return transactionRefused(wrong);
    const hash = contentHash('CHARGE', amount);
    return transactionAnswer(
      await ledger.submit({ kind: 'CHARGE', userId, amount, key: keys.given(key), contentHash: hash }),
    );
  };
