import type { HoldPointsRequest, HoldResponse } from '../api.ts';
import { holdAnswer, holdRefused } from './answers.ts';
import { checkInput } from './check-input.ts';
import type { PointLedger } from './point-ledger.ts';

/** Sets points aside for an order. */
export const holdPoints =
  (ledger: PointLedger) =>
  async ({ userId, orderId, amount }: HoldPointsRequest): Promise<HoldResponse> => {
    const wrong = checkInput({ userId, orderId, amount });
    if (wrong) return holdRefused(wrong);
    return holdAnswer(await ledger.submit({ kind: 'HOLD', userId, orderId, amount }));
  };
