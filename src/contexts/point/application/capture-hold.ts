import type { CaptureHoldRequest, HoldResponse } from '../api.ts';
import { holdAnswer, holdRefused } from './answers.ts';
import { checkInput } from './check-input.ts';
import type { PointLedger } from './point-ledger.ts';

/** Spends what is held. */
export const captureHold =
  (ledger: PointLedger) =>
  async ({ userId, orderId }: CaptureHoldRequest): Promise<HoldResponse> => {
    const wrong = checkInput({ userId, orderId });
    if (wrong) return holdRefused(wrong);
    return holdAnswer(await ledger.submit({ kind: 'CAPTURE', userId, orderId }));
  };
