import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import { RESERVATION_ORIGINS, type ReservationOrigin } from '../../domain/enumerations.ts';
import { qualifiedId } from '../../domain/lifecycle/reservation-id.ts';
import { refuse } from '../../refusals.ts';
import type { CouponReader } from '../queries/ports.ts';
import { checkTexts } from './check-texts.ts';

export type ReservationFinder = Pick<CouponReader, 'existingReservations' | 'serviceReservations'>;

/** A reservation as a caller names it. */
export interface NamedReservation {
  readonly origin: string;
  readonly userId?: bigint | undefined;
  /** The id that the caller chose. */
  readonly reservationId: string;
}

/** The id of a new reservation. Refuses with VALIDATION_FAILED. */
export function newReservationId(named: NamedReservation & { readonly userId: bigint }): string | Refusal {
  const origin = checkedOrigin(named);
  return typeof origin === 'string' ? qualifiedId(origin, named.userId, named.reservationId) : origin;
}

/**
 * The id of the reservation that a caller names. Customers and the checkout have ids of their own. A machine that names a user also finds
 * what that customer reserved; without a user it finds only what machines reserved. An id that does not exist is returned as the
 * caller's own, so that the command refuses it. Refuses with VALIDATION_FAILED, and with RESERVATION_CONFLICT when several users
 * have it.
 */
export async function findReservation(finder: ReservationFinder, named: NamedReservation): Promise<string | Refusal> {
  const origin = checkedOrigin(named);
  if (typeof origin !== 'string') return origin;
  const { userId, reservationId } = named;
  if (userId !== undefined) {
    const own = qualifiedId(origin, userId, reservationId);
    if (origin !== 'SERVICE') return own;
    const customers = qualifiedId('CUSTOMER', userId, reservationId);
    const existing = await finder.existingReservations([own, customers]);
    return existing.includes(own) || !existing.includes(customers) ? own : customers;
  }
  if (origin !== 'SERVICE') return refuse('VALIDATION_FAILED', { userId: 'is required' });
  const [first, second] = await finder.serviceReservations(reservationId);
  if (second !== undefined) return SEVERAL_USERS;
  return first ?? qualifiedId(origin, 0n, reservationId);
}

export const SEVERAL_USERS: Refusal = refuse('RESERVATION_CONFLICT', {
  reason: 'Several users have a reservation with this id: send userId.',
});

function checkedOrigin({ origin: given, reservationId }: NamedReservation): ReservationOrigin | Refusal {
  const invalid = checkTexts({ reservationId });
  if (invalid) return invalid;
  const origin = RESERVATION_ORIGINS.find((each) => each === given);
  return origin ?? refuse('VALIDATION_FAILED', { origin: `must be one of ${RESERVATION_ORIGINS.join(', ')}` });
}
