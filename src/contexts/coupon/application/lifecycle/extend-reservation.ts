import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { ExtendReservationRequest, ReservationResponse } from '../../api.ts';
import { findReservation, type ReservationFinder } from './find-reservation.ts';
import { type LifecycleOperation, submitReservationCommand } from './lifecycle-response.ts';

/** Extends a reservation: its full duration starts again now. */
export const extendReservation =
  (operation: LifecycleOperation, finder: ReservationFinder) =>
  async (request: ExtendReservationRequest): Promise<ReservationResponse> => {
    const reservationId = await findReservation(finder, request);
    if (typeof reservationId !== 'string') return toRefusalResponse(reservationId);
    return await submitReservationCommand(operation, { kind: 'EXTEND', reservationId }, request);
  };
