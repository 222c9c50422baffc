import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { HoldResponse, ReleaseHoldRequest } from '../../api.ts';
import { checkInput } from '../check-input.ts';
import type { PointLedger } from '../point-ledger.ts';
import { toHoldResponse } from '../views.ts';

/** Returns held points to the balance. */
export const releaseHold =
  (ledger: PointLedger) =>
  async ({ userId, orderId }: ReleaseHoldRequest): Promise<HoldResponse> => {
    const wrong = checkInput({ userId, orderId });
    if (wrong) return toRefusalResponse(wrong);
    return toHoldResponse(await ledger.submit({ kind: 'RELEASE', userId, orderId }));
  };
