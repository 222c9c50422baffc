import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { CouponResponse, UseCouponRequest } from '../../api.ts';
import { checkTexts } from './check-texts.ts';
import { type LifecycleOperation, submitCouponCommand } from './lifecycle-response.ts';

/** Uses a coupon without a reservation. */
export const useCoupon =
  (operation: LifecycleOperation) =>
  async ({ couponId, userId, orderId, commandKey }: UseCouponRequest): Promise<CouponResponse> => {
    const invalid = checkTexts({ orderId });
    if (invalid) return toRefusalResponse(invalid);
    const command = { kind: 'USE', couponId, userId: userId ?? null, orderId: orderId ?? null } as const;
    return await submitCouponCommand(operation, command, commandKey);
  };
