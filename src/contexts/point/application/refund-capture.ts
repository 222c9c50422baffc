import type { HoldResponse, RefundCaptureRequest } from '../api.ts';
import { holdAnswer, holdRefused } from './answers.ts';
import { checkInput } from './check-input.ts';
import type { PointLedger } from './point-ledger.ts';

/** Gives back a part of what an order captured. */
export const refundCapture =
  (ledger: PointLedger) =>
  async ({ userId, orderId, refundId, amount }: RefundCaptureRequest): Promise<HoldResponse> => {
    const wrong = checkInput({ userId, orderId, refundId, amount });
    if (wrong) return holdRefused(wrong);
    return holdAnswer(await ledger.submit({ kind: 'REFUND', userId, orderId, refundId, amount }));
  };
