import type { ReleaseReservationRequest, ReservationResponse } from '../api.ts';
import { checkTexts } from './check-text.ts';
import { type LifeOperation, reservationAnswer } from './life-answer.ts';
import { refusal } from './outcome.ts';

/** Ends a reservation without use; what ended that way already answers again. */
export const releaseReservation =
  ({ life, clock }: LifeOperation) =>
  async ({ reservationId, userId }: ReleaseReservationRequest): Promise<ReservationResponse> => {
    const wrong = checkTexts({ reservationId });
    if (wrong) return refusal(wrong);
    return reservationAnswer(await life.submit({ kind: 'RELEASE', reservationId, userId: userId ?? null }), clock());
  };
