import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { CouponResponse, RestoreCouponRequest } from '../../api.ts';
import { checkTexts } from './check-texts.ts';
import { type LifecycleOperation, submitCouponCommand } from './lifecycle-response.ts';

/** Restores the coupon of a refunded order if its policy allows it, and of an order that was never paid in any case. */
export const restoreCoupon =
  (operation: LifecycleOperation) =>
  async ({ couponId, orderId, unpaid, commandKey }: RestoreCouponRequest): Promise<CouponResponse> => {
    const invalid = checkTexts({ orderId });
    if (invalid) return toRefusalResponse(invalid);
    return await submitCouponCommand(operation, { kind: 'RESTORE', couponId, orderId, unpaid }, { commandKey });
  };
