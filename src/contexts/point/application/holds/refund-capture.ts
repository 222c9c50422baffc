import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { HoldResponse, RefundCaptureRequest } from '../../api.ts';
import { checkInput } from '../check-input.ts';
import type { PointLedger } from '../point-ledger.ts';
import { toHoldResponse } from '../views.ts';

/** Returns a part of the points that an order captured. */
export const refundCapture =
  (ledger: PointLedger) =>
  async ({ userId, orderId, refundId, amount }: RefundCaptureRequest): Promise<HoldResponse> => {
    const wrong = checkInput({ userId, orderId, refundId, amount });
    if (wrong) return toRefusalResponse(wrong);
    return toHoldResponse(await ledger.submit({ kind: 'REFUND', userId, orderId, refundId, amount }));
  };
