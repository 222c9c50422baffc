import type { ReleaseReservationRequest, ReservationResponse } from '../api.ts';
import { checkTexts } from './check-text.ts';
import { changeReservation, type LifeOperation } from './life-answer.ts';
import { refusal } from './outcome.ts';

/** Ends a reservation without use; what ended that way already answers again. */
export const releaseReservation =
  (operation: LifeOperation) =>
  async ({ reservationId, userId, commandKey }: ReleaseReservationRequest): Promise<ReservationResponse> => {
    const wrong = checkTexts({ reservationId });
    if (wrong) return refusal(wrong);
    const command = { kind: 'RELEASE', reservationId, userId: userId ?? null } as const;
    return await changeReservation(operation, command, commandKey);
  };
