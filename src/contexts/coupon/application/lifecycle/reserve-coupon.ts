import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { ReservationResponse, ReserveCouponRequest } from '../../api.ts';
import { checkCart, linesOf } from './cart.ts';
import { checkTexts } from './check-texts.ts';
import { newReservationId } from './find-reservation.ts';
import { type LifecycleOperation, submitReservationCommand } from './lifecycle-response.ts';

/** Reserves a coupon for an order and fixes its discount. A repeat with the same reservation id changes nothing. */
export const reserveCoupon =
  (operation: LifecycleOperation) =>
  async (request: ReserveCouponRequest): Promise<ReservationResponse> => {
    const invalid = checkTexts(request) ?? checkCart(request);
    if (invalid) return toRefusalResponse(invalid);
    const { couponId, userId, orderId = null, orderAmount } = request;
    const reservationId = newReservationId(request);
    if (typeof reservationId !== 'string') return toRefusalResponse(reservationId);
    const cart = { orderAmount, ...linesOf(request) };
    const { countToken } = request;
    const command = { kind: 'RESERVE', reservationId, couponId, userId, orderId, countToken, ...cart } as const;
    return await submitReservationCommand(operation, command, request);
  };
