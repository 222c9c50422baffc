import type { ConfirmReservationRequest, ReservationResponse } from '../api.ts';
import { checkTexts } from './check-text.ts';
import { type LifeOperation, reservationAnswer } from './life-answer.ts';
import { refusal } from './outcome.ts';

/** The order is paid, so its coupon is used. */
export const confirmReservation =
  ({ life, clock }: LifeOperation) =>
  async ({ reservationId }: ConfirmReservationRequest): Promise<ReservationResponse> => {
    const wrong = checkTexts({ reservationId });
    if (wrong) return refusal(wrong);
    return reservationAnswer(await life.submit({ kind: 'CONFIRM', reservationId }), clock());
  };
