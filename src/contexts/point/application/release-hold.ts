import type { HoldResponse, ReleaseHoldRequest } from '../api.ts';
import { holdAnswer, holdRefused } from './answers.ts';
import { checkInput } from './check-input.ts';
import type { PointLedger } from './point-ledger.ts';

/** Gives held points back. */
export const releaseHold =
  (ledger: PointLedger) =>
  async ({ userId, orderId }: ReleaseHoldRequest): Promise<HoldResponse> => {
    const wrong = checkInput({ userId, orderId });
    if (wrong) return holdRefused(wrong);
    return holdAnswer(await ledger.submit({ kind: 'RELEASE', userId, orderId }));
  };
