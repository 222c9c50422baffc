import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { ReleaseReservationRequest, ReservationResponse } from '../../api.ts';
import { findReservation, type ReservationFinder } from './find-reservation.ts';
import { type LifecycleOperation, submitReservationCommand } from './lifecycle-response.ts';

/** Ends a reservation without use. A repeat returns the same result. */
export const releaseReservation =
  (operation: LifecycleOperation, finder: ReservationFinder) =>
  async (request: ReleaseReservationRequest): Promise<ReservationResponse> => {
    const reservationId = await findReservation(finder, request);
    if (typeof reservationId !== 'string') return toRefusalResponse(reservationId);
    return await submitReservationCommand(operation, { kind: 'RELEASE', reservationId }, request);
  };
