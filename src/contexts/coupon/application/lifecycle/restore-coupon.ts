import type { CouponResponse, RestoreCouponRequest } from '../../api.ts';
import { refusal } from '../outcome.ts';
import { checkTexts } from './check-text.ts';
import { type LifecycleOperation, submitCouponCommand } from './lifecycle-response.ts';

/** The order was refunded, or never paid: its coupon comes back when the policy says so, or at any rate. */
export const restoreCoupon =
  (operation: LifecycleOperation) =>
  async ({ couponId, orderId, unpaid, commandKey }: RestoreCouponRequest): Promise<CouponResponse> => {
    const invalid = checkTexts({ orderId });
    if (invalid) return refusal(invalid);
    return await submitCouponCommand(operation, { kind: 'RESTORE', couponId, orderId, unpaid }, commandKey);
  };
