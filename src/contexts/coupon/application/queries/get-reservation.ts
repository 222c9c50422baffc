import type { Clock } from '../../../../platform/kernel/clock.ts';
import { type Refusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { GetReservationRequest, GetReservationResponse } from '../../api.ts';
import type { ReservationOrigin } from '../../domain/enumerations.ts';
import { isOverdue } from '../../domain/lifecycle/coupon.ts';
import { qualifiedId } from '../../domain/lifecycle/reservation-id.ts';
import { refuse } from '../../refusals.ts';
import { checkTexts } from '../lifecycle/check-texts.ts';
import { SEVERAL_USERS } from '../lifecycle/find-reservation.ts';
import { toReservationView } from './coupon-view.ts';
import type { CouponReader, CouponRecords } from './ports.ts';

/** Whose reservation is meant when a user has several with one id. */
export const ORIGIN_PREFERENCE = ['SERVICE', 'CUSTOMER', 'CHECKOUT'] as const satisfies readonly ReservationOrigin[];

/** A reservation by the id that its caller chose. An overdue one is EXPIRED, even if no scheduled task has stored that yet. */
export const getReservation =
  (reader: Pick<CouponReader, 'serviceReservations'>, records: Pick<CouponRecords, 'reservations'>, clock: Clock) =>
  async (request: GetReservationRequest): Promise<GetReservationResponse> => {
    const ids = checkTexts(request) ?? (await qualifiedIds(reader, request));
    if ('code' in ids) return toRefusalResponse(ids);
    const found = new Map((await records.reservations(ids)).map((each) => [each.id, each]));
    const reservation = ids.map((id) => found.get(id)).find((each) => each !== undefined);
    if (!reservation) return toRefusalResponse(refuse('RESERVATION_NOT_FOUND'));
    const shown = toReservationView(reservation);
    const status = isOverdue(reservation, clock()) ? 'EXPIRED' : shown.status;
    return { outcome: { $case: 'reservation', value: { ...shown, status } } };
  };

async function qualifiedIds(
  reader: Pick<CouponReader, 'serviceReservations'>,
  { userId, reservationId }: GetReservationRequest,
): Promise<readonly string[] | Refusal> {
  if (userId !== undefined) return ORIGIN_PREFERENCE.map((origin) => qualifiedId(origin, userId, reservationId));
  const ids = await reader.serviceReservations(reservationId);
  if (ids.length < 2) return ids;
  return SEVERAL_USERS;
}
