import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { CaptureHoldRequest, HoldResponse } from '../../api.ts';
import { checkInput } from '../check-input.ts';
import type { PointLedger } from '../point-ledger.ts';
import { toHoldResponse } from '../views.ts';

/** Spends the points that an order holds. */
export const captureHold =
  (ledger: PointLedger) =>
  async ({ userId, orderId }: CaptureHoldRequest): Promise<HoldResponse> => {
    const wrong = checkInput({ userId, orderId });
    if (wrong) return toRefusalResponse(wrong);
    return toHoldResponse(await ledger.submit({ kind: 'CAPTURE', userId, orderId }));
  };
