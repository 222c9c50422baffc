import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { HoldResponse, SpendPointsRequest } from '../../api.ts';
import { checkInput } from '../check-input.ts';
import type { PointLedger } from '../point-ledger.ts';
import { toHoldResponse } from '../views.ts';

/** Spends points for an order at once, so that they can be refunded in parts. */
export const spendPoints =
  (ledger: PointLedger) =>
  async ({ userId, orderId, amount }: SpendPointsRequest): Promise<HoldResponse> => {
    const wrong = checkInput({ userId, orderId, amount });
    if (wrong) return toRefusalResponse(wrong);
    return toHoldResponse(await ledger.submit({ kind: 'SPEND', userId, orderId, amount }));
  };
