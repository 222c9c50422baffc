import type { Reservation } from './coupon.ts';
import { type PaymentCommand, reservationIdsOf } from './lifecycle-command.ts';
import type { LifecycleOutcome } from './lifecycle-decision.ts';
import { IGNORED } from './lifecycle-outcome.ts';
import type { LifecycleUnitOfWork } from './lifecycle-unit-of-work.ts';
import { callerIdOf } from './reservation-id.ts';
import { confirm, release } from './reservation-steps.ts';

/** Confirms the reservation of a paid order, or records that this failed, so that the payment can be refunded. */
export function paymentCompleted(unitOfWork: LifecycleUnitOfWork, command: PaymentCommand): LifecycleOutcome {
  if (!unitOfWork.claimEvent(command.eventId)) return IGNORED;
  const reservation = reservationOf(unitOfWork, command);
  const couponId = reservation?.couponId ?? command.couponId;
  // The order has no coupon.
  if (couponId === null) return IGNORED;
  const outcome = confirm(unitOfWork, reservation?.id ?? null);
  if (outcome.kind !== 'refused' || reservation?.confirmationFailed) return outcome;
  const { orderId, eventId } = command;
  const reservationId = reservation ? callerIdOf(reservation.id) : command.callerReservationId;
  unitOfWork.recordFailure({ couponId, reservationId, orderId, reason: outcome.refusal.code, eventId }, reservation);
  return outcome;
}

/** Releases the reservation of a failed payment. An order that was paid meanwhile stays unchanged. */
export function paymentFailed(unitOfWork: LifecycleUnitOfWork, command: PaymentCommand): LifecycleOutcome {
  if (!unitOfWork.claimEvent(command.eventId)) return IGNORED;
  const reservation = reservationOf(unitOfWork, command);
  return reservation?.status === 'PENDING' ? release(unitOfWork, reservation.id, 'PAYMENT_FAILED') : IGNORED;
}

/**
 * Finds the reservation by its id, which several origins may have: the one of the order, or else the first of the origins. Without an
 * id finds it by the order: first PENDING or CONFIRMED ones, then the one that ended last.
 */
function reservationOf(unitOfWork: LifecycleUnitOfWork, command: PaymentCommand): Reservation | undefined {
  const { userId, orderId } = command;
  if (command.callerReservationId !== null) {
    const named = reservationIdsOf(command).flatMap((id) => unitOfWork.reservationWithCoupon(id)?.reservation ?? []);
    return named.find((reservation) => reservation.orderId === orderId) ?? named[0];
  }
  const reservationsOfOrder = unitOfWork
    .reservationsOfOrder(userId, orderId)
    .filter(({ id }) => unitOfWork.reservationWithCoupon(id) !== undefined);
  return reservationsOfOrder.sort(
    (a, b) => rank(b) - rank(a) || b.reservedAtMs - a.reservedAtMs || (a.id < b.id ? 1 : -1),
  )[0];
}

const RANKS = { PENDING: 3, CONFIRMED: 3, EXPIRED: 2, CANCELLED: 1 } as const;
const rank = ({ status }: Reservation): number => RANKS[status];
