import { refuse } from '../../refusals.ts';
import { type Coupon, isOverdue, type Reservation, statusAt } from './coupon.ts';
import { endReservation } from './end-reservation.ts';
import type { LifecycleOutcome } from './lifecycle-decision.ts';
import { conflict, done, IGNORED, refused, reservationExpired } from './lifecycle-outcome.ts';
import type { LifecycleUnitOfWork } from './lifecycle-unit-of-work.ts';
import { orderHasCoupon, startReservation } from './reserve.ts';

/**
 * Ends a reservation without use. An EXPIRED one becomes CANCELLED, so that a late payment cannot reserve its coupon
 * again. A repeat changes nothing.
 */
export function release(
  unitOfWork: LifecycleUnitOfWork,
  reservationId: string,
  reason: 'RELEASED' | 'PAYMENT_FAILED' = 'RELEASED',
): LifecycleOutcome {
  const found = unitOfWork.reservationWithCoupon(reservationId);
  if (!found) return refused(refuse('RESERVATION_NOT_FOUND'));
  const { coupon, reservation } = found;
  if (reservation.status === 'CONFIRMED') return refused(refuse('COUPON_ALREADY_USED'));
  if (reservation.status === 'CANCELLED') return done(coupon, reservation);
  if (reservation.status === 'EXPIRED') return done(coupon, unitOfWork.closeExpired(reservation));
  const ended = endReservation(unitOfWork, coupon, reservation, reason);
  return done(ended.coupon, ended.reservation);
}

/** Extends a reservation: its full duration starts again now. */
export function extend(unitOfWork: LifecycleUnitOfWork, reservationId: string): LifecycleOutcome {
  const found = unitOfWork.reservationWithCoupon(reservationId);
  if (!found) return refused(refuse('RESERVATION_NOT_FOUND'));
  const { coupon, reservation } = found;
  if (reservation.status === 'CONFIRMED') return conflict('This reservation is confirmed.');
  if (reservation.status === 'CANCELLED') return conflict('This reservation was released.');
  if (reservation.status === 'EXPIRED' || isOverdue(reservation, unitOfWork.nowMs))
    return reservationExpired(reservation);
  const longer = { ...reservation, expiresAtMs: unitOfWork.nowMs + unitOfWork.holdMs };
  return done(unitOfWork.recordStep('EXTENDED', coupon, coupon.state, longer), longer);
}

/**
 * Uses the coupon of a paid order. A PENDING reservation is confirmed even when overdue: the customer has paid for it.
 * An EXPIRED one reserves its coupon again if that is still available.
 */
export function confirm(unitOfWork: LifecycleUnitOfWork, reservationId: string | null): LifecycleOutcome {
  const found = reservationId === null ? undefined : unitOfWork.reservationWithCoupon(reservationId);
  if (!found) return conflict('There is no reservation with this id.');
  const { coupon, reservation } = found;
  if (reservation.status === 'CONFIRMED') return done(coupon, reservation);
  if (reservation.status === 'CANCELLED') return conflict('This reservation was released.');
  if (reservation.status === 'PENDING') return useReserved(unitOfWork, coupon, reservation);
  const again = reserveAgain(unitOfWork, coupon, reservation);
  return again ? useReserved(unitOfWork, again.coupon, again.reservation) : reservationExpired(reservation);
}

function useReserved(unitOfWork: LifecycleUnitOfWork, coupon: Coupon, pending: Reservation): LifecycleOutcome {
  const { discountAmount, orderId } = pending;
  const reservation: Reservation = { ...pending, status: 'CONFIRMED', endedAtMs: unitOfWork.nowMs };
  const used = unitOfWork.recordStep(
    'USED',
    coupon,
    {
      status: 'USED',
      reservation: { id: pending.id, reservedAtMs: pending.reservedAtMs },
      orderId,
      usedAtMs: unitOfWork.nowMs,
      discountAmount,
    },
    reservation,
    { discountAmount },
  );
  return done(used, reservation);
}

/** Reserves the coupon again for a late payment, unless the coupon or the order has another reservation since. */
function reserveAgain(unitOfWork: LifecycleUnitOfWork, coupon: Coupon, ended: Reservation) {
  if (statusAt(coupon, unitOfWork.nowMs) !== 'ISSUED' || coupon.terms.isSuspended) return undefined;
  if (ended.orderId !== null && orderHasCoupon(unitOfWork, ended.userId, ended.orderId)) return undefined;
  const { nowMs, holdMs } = unitOfWork;
  const reservation: Reservation = {
    ...ended,
    status: 'PENDING',
    reservedAtMs: nowMs,
    expiresAtMs: nowMs + holdMs,
    endedAtMs: null,
  };
  const outcome = startReservation(unitOfWork, coupon, reservation);
  return outcome.kind === 'done' ? { coupon: outcome.coupon, reservation } : undefined;
}

/** Ends an overdue reservation; any other stays unchanged. */
export function timeOut(unitOfWork: LifecycleUnitOfWork, reservationId: string): LifecycleOutcome {
  const found = unitOfWork.reservationWithCoupon(reservationId);
  if (!found) return IGNORED;
  const { coupon, reservation } = found;
  if (!isOverdue(reservation, unitOfWork.nowMs)) return done(coupon, reservation);
  const ended = endReservation(unitOfWork, coupon, reservation, 'TIMEOUT');
  return done(ended.coupon, ended.reservation);
}
