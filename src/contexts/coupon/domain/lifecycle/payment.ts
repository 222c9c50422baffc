import type { Reservation } from './coupon.ts';
import type { PaymentCommand } from './lifecycle-command.ts';
import type { LifecycleOutcome } from './lifecycle-decision.ts';
import { IGNORED } from './lifecycle-outcome.ts';
import type { LifecycleUnitOfWork } from './lifecycle-unit-of-work.ts';
import { confirm, release } from './reservation-steps.ts';

/** Confirms the reservation of a paid order, or records that this failed, so that the payment can be refunded. */
export function paymentCompleted(unitOfWork: LifecycleUnitOfWork, command: PaymentCommand): LifecycleOutcome {
  if (!unitOfWork.claimEvent(command.eventId)) return IGNORED;
  const reservation = reservationOf(unitOfWork, command);
  const couponId = reservation?.couponId ?? command.couponId;
  // The order has no coupon.
  if (couponId === null) return IGNORED;
  const reservationId = reservation?.id ?? command.reservationId;
  const outcome = confirm(unitOfWork, reservationId);
  if (outcome.kind !== 'refused' || reservation?.confirmationFailed) return outcome;
  const { orderId, eventId } = command;
  unitOfWork.recordFailure({ couponId, reservationId, orderId, reason: outcome.refusal.code, eventId }, reservation);
  return outcome;
}

/** Releases the reservation of a failed payment. An order that was paid meanwhile stays unchanged. */
export function paymentFailed(unitOfWork: LifecycleUnitOfWork, command: PaymentCommand): LifecycleOutcome {
  if (!unitOfWork.claimEvent(command.eventId)) return IGNORED;
  const reservation = reservationOf(unitOfWork, command);
  return reservation?.status === 'PENDING' ? release(unitOfWork, reservation.id, null, 'PAYMENT_FAILED') : IGNORED;
}

/**
 * Finds the reservation by its id, else by the order: first PENDING or CONFIRMED ones, then the one that ended last.
 */
function reservationOf(
  unitOfWork: LifecycleUnitOfWork,
  { reservationId, userId, orderId }: PaymentCommand,
): Reservation | undefined {
  if (reservationId !== null) return unitOfWork.reservationWithCoupon(reservationId)?.reservation;
  const reservationsOfOrder = unitOfWork
    .reservationsOfOrder(userId, orderId)
    .filter(({ id }) => unitOfWork.reservationWithCoupon(id) !== undefined);
  return reservationsOfOrder.sort(
    (a, b) => rank(b) - rank(a) || b.reservedAtMs - a.reservedAtMs || (a.id < b.id ? 1 : -1),
  )[0];
}

const RANKS = { PENDING: 3, CONFIRMED: 3, EXPIRED: 2, CANCELLED: 1 } as const;
const rank = ({ status }: Reservation): number => RANKS[status];
