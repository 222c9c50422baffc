import type { GetReservationRequest, GetReservationResponse } from '../../contexts/coupon/api.ts';
import { SEVERAL_USERS } from '../../contexts/coupon/application/lifecycle/find-reservation.ts';
import { ORIGIN_PREFERENCE } from '../../contexts/coupon/application/queries/get-reservation.ts';
import { refuse } from '../../contexts/coupon/refusals.ts';
import { refusalIn, toRefusalResponse } from '../../platform/kernel/refusal.ts';

/** The reservation of all shards that has the preferred origin; without a user it has to be the only one. */
export function mergeReservations(
  responses: readonly GetReservationResponse[],
  { userId }: GetReservationRequest,
): GetReservationResponse {
  const refused = responses.find(
    (response) => !['RESERVATION_NOT_FOUND', undefined].includes(refusalIn(response)?.code),
  );
  if (refused !== undefined) return refused;
  const found = responses.filter((response) => refusalIn(response) === undefined);
  const [first] = found.toSorted((a, b) => rankOf(a) - rankOf(b));
  if (userId === undefined && found.length > 1) return toRefusalResponse(SEVERAL_USERS);
  return first ?? toRefusalResponse(refuse('RESERVATION_NOT_FOUND'));
}

const rankOf = ({ outcome }: GetReservationResponse): number =>
  ORIGIN_PREFERENCE.findIndex((origin) => outcome?.$case === 'reservation' && outcome.value.origin === origin);
