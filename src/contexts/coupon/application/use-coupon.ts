import type { CouponResponse, UseCouponRequest } from '../api.ts';
import { checkTexts } from './check-text.ts';
import { couponAnswer, type LifeOperation } from './life-answer.ts';
import { refusal } from './outcome.ts';

/** Uses a coupon without a reservation. */
export const useCoupon =
  ({ life, clock }: LifeOperation) =>
  async ({ couponId, userId, orderId }: UseCouponRequest): Promise<CouponResponse> => {
    const wrong = checkTexts({ orderId });
    if (wrong) return refusal(wrong);
    const outcome = await life.submit({ kind: 'USE', couponId, userId: userId ?? null, orderId: orderId ?? null });
    return couponAnswer(outcome, clock());
  };
