import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { ConfirmReservationRequest, ReservationResponse } from '../../api.ts';
import { findReservation, type ReservationFinder } from './find-reservation.ts';
import { type LifecycleOperation, submitReservationCommand } from './lifecycle-response.ts';

/** Uses the coupon of a paid order. */
export const confirmReservation =
  (operation: LifecycleOperation, finder: ReservationFinder) =>
  async (request: ConfirmReservationRequest): Promise<ReservationResponse> => {
    const reservationId = await findReservation(finder, request);
    if (typeof reservationId !== 'string') return toRefusalResponse(reservationId);
    return await submitReservationCommand(operation, { kind: 'CONFIRM', reservationId }, request);
  };
