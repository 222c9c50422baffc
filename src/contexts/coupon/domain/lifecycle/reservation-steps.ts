import { type Coupon, isOverdue, type Reservation, statusAt } from './coupon.ts';
import { endReservation } from './end-reservation.ts';
import type { LifecycleOutcome } from './lifecycle-decision.ts';
import { conflict, done, IGNORED, refused, reservationExpired } from './lifecycle-outcome.ts';
import type { LifecycleUnitOfWork } from './lifecycle-unit-of-work.ts';
import { orderHasCoupon, startReservation } from './reserve.ts';

/**
 * Ends a reservation without use, for good: whoever releases it gives the coupon up, also when time was faster, so that a late
 * payment does not take it again. A repeat changes nothing.
 */
export function release(
  unitOfWork: LifecycleUnitOfWork,
  reservationId: string,
  userId: bigint | null,
  reason: 'RELEASED' | 'PAYMENT_FAILED' = 'RELEASED',
): LifecycleOutcome {
  const found = unitOfWork.reservationWithCoupon(reservationId);
  if (!found || (userId !== null && found.reservation.userId !== userId)) return refused('RESERVATION_NOT_FOUND');
  const { coupon, reservation } = found;
  if (reservation.status === 'CONFIRMED') return refused('COUPON_ALREADY_USED');
  if (reservation.status === 'CANCELLED') return done(coupon, reservation);
  if (reservation.status === 'EXPIRED') return done(coupon, unitOfWork.closeExpired(reservation));
  const ended = endReservation(unitOfWork, coupon, reservation, reason);
  return done(ended.coupon, ended.reservation);
}

/** Lets a reservation last for its full time from now. */
export function extend(unitOfWork: LifecycleUnitOfWork, reservationId: string): LifecycleOutcome {
  const found = unitOfWork.reservationWithCoupon(reservationId);
  if (!found) return refused('RESERVATION_NOT_FOUND');
  const { coupon, reservation } = found;
  if (reservation.status === 'CONFIRMED') return conflict('This reservation is confirmed.');
  if (reservation.status === 'CANCELLED') return conflict('This reservation was released.');
  if (reservation.status === 'EXPIRED' || isOverdue(reservation, unitOfWork.nowMs))
    return reservationExpired(reservation);
  const longer = { ...reservation, expiresAtMs: unitOfWork.nowMs + unitOfWork.holdMs };
  return done(unitOfWork.recordStep('EXTENDED', coupon, coupon.state, longer), longer);
}

/**
 * The order is paid. A PENDING reservation is confirmed however late it is: a customer at the till is not robbed. An ended
 * one takes its coupon again when that is still there.
 */
export function confirm(unitOfWork: LifecycleUnitOfWork, reservationId: string): LifecycleOutcome {
  const found = unitOfWork.reservationWithCoupon(reservationId);
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

/** A payment that came after the reservation's end gets the coupon if nobody and nothing else has. */
function reserveAgain(unitOfWork: LifecycleUnitOfWork, coupon: Coupon, ended: Reservation) {
  if (statusAt(coupon, unitOfWork.nowMs) !== 'ISSUED') return undefined;
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

/** Ends a reservation that is overdue; any other stays as it is. */
export function timeOut(unitOfWork: LifecycleUnitOfWork, reservationId: string): LifecycleOutcome {
  const found = unitOfWork.reservationWithCoupon(reservationId);
  if (!found) return IGNORED;
  const { coupon, reservation } = found;
  if (!isOverdue(reservation, unitOfWork.nowMs)) return done(coupon, reservation);
  const ended = endReservation(unitOfWork, coupon, reservation, 'TIMEOUT');
  return done(ended.coupon, ended.reservation);
}
