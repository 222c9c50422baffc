import type { CouponResponse, UseCouponRequest } from '../api.ts';
import { checkTexts } from './check-text.ts';
import { changeCoupon, type LifeOperation } from './life-answer.ts';
import { refusal } from './outcome.ts';

/** Uses a coupon without a reservation. */
export const useCoupon =
  (operation: LifeOperation) =>
  async ({ couponId, userId, orderId, commandKey }: UseCouponRequest): Promise<CouponResponse> => {
    const wrong = checkTexts({ orderId });
    if (wrong) return refusal(wrong);
    const command = { kind: 'USE', couponId, userId: userId ?? null, orderId: orderId ?? null } as const;
    return await changeCoupon(operation, command, commandKey);
  };
