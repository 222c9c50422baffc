import type { ExtendReservationRequest, ReservationResponse } from '../api.ts';
import { checkTexts } from './check-text.ts';
import { changeReservation, type LifeOperation } from './life-answer.ts';
import { refusal } from './outcome.ts';

/** Lets a reservation last for its full time from now. */
export const extendReservation =
  (operation: LifeOperation) =>
  async ({ reservationId, commandKey }: ExtendReservationRequest): Promise<ReservationResponse> => {
    const wrong = checkTexts({ reservationId });
    if (wrong) return refusal(wrong);
    return await changeReservation(operation, { kind: 'EXTEND', reservationId }, commandKey);
  };
