import type { CouponResponse, RestoreCouponRequest } from '../api.ts';
import { checkTexts } from './check-text.ts';
import { changeCoupon, type LifeOperation } from './life-answer.ts';
import { refusal } from './outcome.ts';

/** The order was refunded, or never paid: its coupon comes back when the policy says so, or at any rate. */
export const restoreCoupon =
  (operation: LifeOperation) =>
  async ({ couponId, orderId, unpaid, commandKey }: RestoreCouponRequest): Promise<CouponResponse> => {
    const wrong = checkTexts({ orderId });
    if (wrong) return refusal(wrong);
    return await changeCoupon(operation, { kind: 'RESTORE', couponId, orderId, unpaid }, commandKey);
  };
