import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { ExtendReservationRequest, ReservationResponse } from '../../api.ts';
import { checkTexts } from './check-texts.ts';
import { type LifecycleOperation, submitReservationCommand } from './lifecycle-response.ts';

/** Extends a reservation: its full duration starts again now. */
export const extendReservation =
  (operation: LifecycleOperation) =>
  async ({ reservationId, commandKey }: ExtendReservationRequest): Promise<ReservationResponse> => {
    const invalid = checkTexts({ reservationId });
    if (invalid) return toRefusalResponse(invalid);
    return await submitReservationCommand(operation, { kind: 'EXTEND', reservationId }, commandKey);
  };
