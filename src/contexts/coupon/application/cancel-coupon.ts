import { refuse } from '../../../platform/kernel/refusal.ts';
import type { CancelCouponRequest, CouponResponse } from '../api.ts';
import { checkTexts } from './check-text.ts';
import { changeCoupon, type LifeOperation } from './life-answer.ts';
import { refusal } from './outcome.ts';

/** Withdraws a coupon, for whoever handles its policy. */
export const cancelCoupon =
  (operation: LifeOperation) =>
  async (request: CancelCouponRequest): Promise<CouponResponse> => {
    const { principal, couponId, reason: note, returnStock, orderCancelled } = request;
    const wrong = checkTexts({ reason: note });
    if (wrong) return refusal(wrong);
    if (!principal) return refusal(refuse('FORBIDDEN'));
    const command = { kind: 'CANCEL', couponId, principal, note, returnStock, orderCancelled } as const;
    return await changeCoupon(operation, command, request.commandKey);
  };
