import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { managerOf, type StoreChecks } from '../../../store/api.ts';
import type { CancelCouponRequest, CouponResponse } from '../../api.ts';
import { refuse } from '../../refusals.ts';
import { checkTexts } from './check-texts.ts';
import { type LifecycleOperation, submitCouponCommand } from './lifecycle-response.ts';

/** Withdraws a coupon for a manager of its policy. */
export const cancelCoupon =
  (operation: LifecycleOperation, stores: StoreChecks) =>
  async (request: CancelCouponRequest): Promise<CouponResponse> => {
    const { principal, couponId, reason: note, returnStock, orderCancelled } = request;
    const invalid = checkTexts({ reason: note });
    if (invalid) return toRefusalResponse(invalid);
    const manager = await managerOf(stores, principal);
    if (!manager) return toRefusalResponse(refuse('FORBIDDEN'));
    const command = { kind: 'CANCEL', couponId, manager, note, returnStock, orderCancelled } as const;
    return await submitCouponCommand(operation, command, request);
  };
