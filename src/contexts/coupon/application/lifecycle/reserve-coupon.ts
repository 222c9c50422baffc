import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { ReservationResponse, ReserveCouponRequest } from '../../api.ts';
import { refuse } from '../../refusals.ts';
import { checkTexts } from './check-texts.ts';
import { newReservationId } from './find-reservation.ts';
import { type LifecycleOperation, submitReservationCommand } from './lifecycle-response.ts';

/** Reserves a coupon for an order and fixes its discount. A repeat with the same reservation id changes nothing. */
export const reserveCoupon =
  (operation: LifecycleOperation) =>
  async (request: ReserveCouponRequest): Promise<ReservationResponse> => {
    const invalid = checkTexts(request);
    if (invalid) return toRefusalResponse(invalid);
    const { couponId, userId, orderId = null, orderAmount } = request;
    const reservationId = newReservationId(request);
    if (typeof reservationId !== 'string') return toRefusalResponse(reservationId);
    if (orderAmount < 1n) return toRefusalResponse(refuse('VALIDATION_FAILED', { orderAmount: 'must be above 0' }));
    const command = { kind: 'RESERVE', reservationId, couponId, userId, orderId, orderAmount } as const;
    return await submitReservationCommand(operation, command, request.commandKey);
  };
