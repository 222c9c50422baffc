import type { ConfirmReservationRequest, ReservationResponse } from '../api.ts';
import { checkTexts } from './check-text.ts';
import { changeReservation, type LifeOperation } from './life-answer.ts';
import { refusal } from './outcome.ts';

/** The order is paid, so its coupon is used. */
export const confirmReservation =
  (operation: LifeOperation) =>
  async ({ reservationId, commandKey }: ConfirmReservationRequest): Promise<ReservationResponse> => {
    const wrong = checkTexts({ reservationId });
    if (wrong) return refusal(wrong);
    return await changeReservation(operation, { kind: 'CONFIRM', reservationId }, commandKey);
  };
