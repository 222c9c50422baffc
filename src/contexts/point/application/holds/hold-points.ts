import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { HoldPointsRequest, HoldResponse } from '../../api.ts';
import { checkInput } from '../check-input.ts';
import type { PointLedger } from '../point-ledger.ts';
import { toHoldResponse } from '../views.ts';

/** Holds points for an order. */
export const holdPoints =
  (ledger: PointLedger) =>
  async ({ userId, orderId, amount }: HoldPointsRequest): Promise<HoldResponse> => {
    const wrong = checkInput({ userId, orderId, amount });
    if (wrong) return toRefusalResponse(wrong);
    return toHoldResponse(await ledger.submit({ kind: 'HOLD', userId, orderId, amount }));
  };
