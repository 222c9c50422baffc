import type { ReservationFinder } from '../../src/contexts/coupon/application/lifecycle/find-reservation.ts';

/** Callers here name their reservations exactly, so nothing is searched. */
export const NO_MACHINES: ReservationFinder = {
  existingReservations: unexpectedSearch,
  serviceReservations: unexpectedSearch,
};
function unexpectedSearch(): never {
  throw new Error('a reservation was searched');
}
