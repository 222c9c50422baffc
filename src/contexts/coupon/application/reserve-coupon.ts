import { refuse } from '../../../platform/kernel/refusal.ts';
import type { ReservationResponse, ReserveCouponRequest } from '../api.ts';
import { checkTexts } from './check-text.ts';
import { changeReservation, type LifeOperation } from './life-answer.ts';
import { refusal } from './outcome.ts';

/** Reserves a coupon for an order and freezes its discount. Repeatable with the same reservation id. */
export const reserveCoupon =
  (operation: LifeOperation) =>
  async (request: ReserveCouponRequest): Promise<ReservationResponse> => {
    const wrong = checkTexts(request);
    if (wrong) return refusal(wrong);
    const { reservationId, couponId, userId, orderId = null, orderAmount } = request;
    if (orderAmount < 1n) return refusal(refuse('VALIDATION_FAILED', { orderAmount: 'must be above 0' }));
    const command = { kind: 'RESERVE', reservationId, couponId, userId, orderId, orderAmount } as const;
    return await changeReservation(operation, command, request.commandKey);
  };
