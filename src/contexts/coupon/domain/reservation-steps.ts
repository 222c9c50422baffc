import { type Coupon, isOverdue, type Reservation, statusAt } from './coupon.ts';
import { endReservation } from './end-reservation.ts';
import type { LifeOutcome } from './life-decision.ts';
import type { LifeDesk } from './life-desk.ts';
import { conflict, done, IGNORED, refused, reservationExpired } from './life-outcome.ts';
import { hold, orderHasCoupon } from './reserve.ts';

/**
 * Ends a reservation without use, for good: whoever releases it gives the coupon up, also when time was faster, so that a late
 * payment does not take it again. A repeat changes nothing.
 */
export function release(
  desk: LifeDesk,
  reservationId: string,
  userId: bigint | null,
  reason: 'RELEASED' | 'PAYMENT_FAILED' = 'RELEASED',
): LifeOutcome {
  const found = desk.reserved(reservationId);
  if (!found || (userId !== null && found.reservation.userId !== userId)) return refused('RESERVATION_NOT_FOUND');
  const { coupon, reservation } = found;
  if (reservation.status === 'CONFIRMED') return refused('COUPON_ALREADY_USED');
  if (reservation.status === 'CANCELLED') return done(coupon, reservation);
  if (reservation.status === 'EXPIRED') return done(coupon, desk.close(reservation));
  const ended = endReservation(desk, coupon, reservation, reason);
  return done(ended.coupon, ended.reservation);
}

/** Lets a reservation last for its full time from now. */
export function extend(desk: LifeDesk, reservationId: string): LifeOutcome {
  const found = desk.reserved(reservationId);
  if (!found) return refused('RESERVATION_NOT_FOUND');
  const { coupon, reservation } = found;
  if (reservation.status === 'CONFIRMED') return conflict('This reservation is confirmed.');
  if (reservation.status === 'CANCELLED') return conflict('This reservation was released.');
  if (reservation.status === 'EXPIRED' || isOverdue(reservation, desk.nowMs)) return reservationExpired(reservation);
  const longer = { ...reservation, expiresAtMs: desk.nowMs + desk.holdMs };
  return done(desk.step('EXTENDED', coupon, coupon.state, longer), longer);
}

/**
 * The order is paid. A PENDING reservation is confirmed however late it is: a customer at the till is not robbed. An ended
 * one takes its coupon again when that is still there.
 */
export function confirm(desk: LifeDesk, reservationId: string): LifeOutcome {
  const found = desk.reserved(reservationId);
  if (!found) return conflict('There is no reservation with this id.');
  const { coupon, reservation } = found;
  if (reservation.status === 'CONFIRMED') return done(coupon, reservation);
  if (reservation.status === 'CANCELLED') return conflict('This reservation was released.');
  if (reservation.status === 'PENDING') return use(desk, coupon, reservation);
  const again = heldAgain(desk, coupon, reservation);
  return again ? use(desk, again.coupon, again.reservation) : reservationExpired(reservation);
}

function use(desk: LifeDesk, coupon: Coupon, pending: Reservation): LifeOutcome {
  const { discountAmount, orderId } = pending;
  const reservation: Reservation = { ...pending, status: 'CONFIRMED', endedAtMs: desk.nowMs };
  const used = desk.step(
    'USED',
    coupon,
    {
      status: 'USED',
      reservation: { id: pending.id, reservedAtMs: pending.reservedAtMs },
      orderId,
      usedAtMs: desk.nowMs,
      discountAmount,
    },
    reservation,
    { discountAmount },
  );
  return done(used, reservation);
}

/** A payment that came after the reservation's end gets the coupon if nobody and nothing else has. */
function heldAgain(desk: LifeDesk, coupon: Coupon, ended: Reservation) {
  if (statusAt(coupon, desk.nowMs) !== 'ISSUED') return undefined;
  if (ended.orderId !== null && orderHasCoupon(desk, ended.userId, ended.orderId)) return undefined;
  const { nowMs, holdMs } = desk;
  const reservation: Reservation = {
    ...ended,
    status: 'PENDING',
    reservedAtMs: nowMs,
    expiresAtMs: nowMs + holdMs,
    endedAtMs: null,
  };
  const outcome = hold(desk, coupon, reservation);
  return outcome.kind === 'done' ? { coupon: outcome.coupon, reservation } : undefined;
}

/** Ends a reservation that is overdue; any other stays as it is. */
export function timeOut(desk: LifeDesk, reservationId: string): LifeOutcome {
  const found = desk.reserved(reservationId);
  if (!found) return IGNORED;
  const { coupon, reservation } = found;
  if (!isOverdue(reservation, desk.nowMs)) return done(coupon, reservation);
  const ended = endReservation(desk, coupon, reservation, 'TIMEOUT');
  return done(ended.coupon, ended.reservation);
}
