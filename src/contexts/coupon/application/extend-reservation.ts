import type { ExtendReservationRequest, ReservationResponse } from '../api.ts';
import { checkTexts } from './check-text.ts';
import { type LifeOperation, reservationAnswer } from './life-answer.ts';
import { refusal } from './outcome.ts';

/** Lets a reservation last for its full time from now. */
export const extendReservation =
  ({ life, clock }: LifeOperation) =>
  async ({ reservationId }: ExtendReservationRequest): Promise<ReservationResponse> => {
    const wrong = checkTexts({ reservationId });
    if (wrong) return refusal(wrong);
    return reservationAnswer(await life.submit({ kind: 'EXTEND', reservationId }), clock());
  };
