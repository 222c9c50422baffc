import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { CouponResponse, UseCouponRequest } from '../../api.ts';
import { refuse } from '../../refusals.ts';
import type { CouponReader } from '../queries/ports.ts';
import { checkCart, linesOf } from './cart.ts';
import { checkTexts } from './check-texts.ts';
import { type LifecycleOperation, submitCouponCommand } from './lifecycle-response.ts';

/** Uses a coupon without a reservation, by the rules of reserving. */
export const useCoupon =
  (operation: LifecycleOperation, coupons: Pick<CouponReader, 'ownerOf'>) =>
  async ({
    couponId,
    userId: required,
    orderId,
    orderAmount,
    lines,
    ...keyed
  }: UseCouponRequest): Promise<CouponResponse> => {
    const invalid = checkTexts({ orderId }) ?? checkCart({ orderAmount, lines });
    if (invalid) return toRefusalResponse(invalid);
    // The owner of a coupon never changes, so it may be read before the coupon is locked.
    const userId = required ?? (await coupons.ownerOf(couponId));
    if (userId === undefined) return toRefusalResponse(refuse('COUPON_NOT_FOUND'));
    const use = { couponId, userId, orderId: orderId ?? null, orderAmount: orderAmount ?? null, ...linesOf({ lines }) };
    const command = { kind: 'USE', ...use } as const;
    return await submitCouponCommand(operation, command, keyed);
  };
