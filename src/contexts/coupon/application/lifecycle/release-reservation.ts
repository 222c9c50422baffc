import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { ReleaseReservationRequest, ReservationResponse } from '../../api.ts';
import { checkTexts } from './check-texts.ts';
import { type LifecycleOperation, submitReservationCommand } from './lifecycle-response.ts';

/** Ends a reservation without use. A repeat returns the same result. */
export const releaseReservation =
  (operation: LifecycleOperation) =>
  async ({ reservationId, userId, commandKey }: ReleaseReservationRequest): Promise<ReservationResponse> => {
    const invalid = checkTexts({ reservationId });
    if (invalid) return toRefusalResponse(invalid);
    const command = { kind: 'RELEASE', reservationId, userId: userId ?? null } as const;
    return await submitReservationCommand(operation, command, commandKey);
  };
