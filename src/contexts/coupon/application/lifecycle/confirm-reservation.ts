import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { ConfirmReservationRequest, ReservationResponse } from '../../api.ts';
import { checkTexts } from './check-texts.ts';
import { type LifecycleOperation, submitReservationCommand } from './lifecycle-response.ts';

/** Uses the coupon of a paid order. */
export const confirmReservation =
  (operation: LifecycleOperation) =>
  async ({ reservationId, commandKey }: ConfirmReservationRequest): Promise<ReservationResponse> => {
    const invalid = checkTexts({ reservationId });
    if (invalid) return toRefusalResponse(invalid);
    return await submitReservationCommand(operation, { kind: 'CONFIRM', reservationId }, commandKey);
  };
