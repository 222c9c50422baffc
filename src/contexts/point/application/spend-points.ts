import type { HoldResponse, SpendPointsRequest } from '../api.ts';
import { holdAnswer, holdRefused } from './answers.ts';
import { checkInput } from './check-input.ts';
import type { PointLedger } from './point-ledger.ts';

/** Spends points for an order, so that they may come back in parts. */
export const spendPoints =
  (ledger: PointLedger) =>
  async ({ userId, orderId, amount }: SpendPointsRequest): Promise<HoldResponse> => {
    const wrong = checkInput({ userId, orderId, amount });
    if (wrong) return holdRefused(wrong);
    return holdAnswer(await ledger.submit({ kind: 'SPEND', userId, orderId, amount }));
  };
