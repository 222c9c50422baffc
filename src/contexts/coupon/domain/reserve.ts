import { type Coupon, isOverdue, type Reservation, statusAt } from './coupon.ts';
import { discountOf } from './discount.ts';
import { endReservation } from './end-reservation.ts';
import type { UserCommand } from './life-command.ts';
import type { LifeOutcome } from './life-decision.ts';
import type { LifeDesk } from './life-desk.ts';
import { conflict, couponExpired, done, refused, reservationExpired, withdrawn } from './life-outcome.ts';

/** Coupons that one user may hold reserved at once: who reserves everything and never pays holds no more than this. */
export const HOLDS_MAX = 20;

type Reserve = Extract<UserCommand, { kind: 'RESERVE' }>;

/** Takes an ISSUED coupon for an order and freezes its discount. Repeatable with the same reservation id. */
export function reserve(desk: LifeDesk, command: Reserve): LifeOutcome {
  const known = desk.reservationNamed(command.reservationId);
  if (known) return repeated(desk, command, known);
  const coupon = desk.coupon(command.couponId);
  if (!coupon || coupon.userId !== command.userId) return refused('COUPON_NOT_FOUND');
  const free = freed(desk, coupon);
  return refusalFor(desk, free, command) ?? hold(desk, free, newReservation(desk, free, command));
}

function repeated(desk: LifeDesk, command: Reserve, known: Reservation): LifeOutcome {
  const coupon = desk.coupon(command.couponId);
  const same =
    known.couponId === command.couponId &&
    known.userId === command.userId &&
    known.orderId === command.orderId &&
    known.orderAmount === command.orderAmount;
  if (!same || !coupon) return conflict('This reservation id was used for another request.');
  if (known.status === 'CANCELLED') return conflict('This reservation was released.');
  if (known.status === 'EXPIRED' || isOverdue(known, desk.nowMs)) return reservationExpired(known);
  return done(coupon, known);
}

/** An overdue reservation ends before its coupon is reserved anew, whether or not a job has come by. */
function freed(desk: LifeDesk, coupon: Coupon): Coupon {
  if (coupon.state.status !== 'RESERVED') return coupon;
  const held = desk.reserved(coupon.state.reservationId);
  return held && isOverdue(held.reservation, desk.nowMs)
    ? endReservation(desk, held.coupon, held.reservation, 'TIMEOUT').coupon
    : coupon;
}

function refusalFor(desk: LifeDesk, coupon: Coupon, command: Reserve): LifeOutcome | undefined {
  const status = statusAt(coupon, desk.nowMs);
  if (status === 'RESERVED') return conflict('The coupon is reserved for another order.');
  if (status === 'USED') return refused('COUPON_ALREADY_USED');
  if (status === 'EXPIRED') return couponExpired(coupon);
  if (status === 'CANCELLED') return withdrawn();
  const { minimumOrderAmount } = coupon.terms;
  if (command.orderAmount < minimumOrderAmount) {
    return refused('MINIMUM_ORDER_NOT_MET', { minimumOrderAmount: String(minimumOrderAmount) });
  }
  if (command.orderId !== null && orderHasCoupon(desk, command.userId, command.orderId)) {
    return refused('COUPON_NOT_STACKABLE');
  }
  const holds = desk.pendingOf(command.userId).filter((reservation) => !isOverdue(reservation, desk.nowMs));
  return holds.length < HOLDS_MAX ? undefined : conflict(`This user holds ${HOLDS_MAX} reserved coupons already.`);
}

/** Has the order a coupon, PENDING or CONFIRMED? One that is overdue is ended here. */
export function orderHasCoupon(desk: LifeDesk, userId: bigint, orderId: string): boolean {
  for (const { id, status } of desk.ofOrder(userId, orderId)) {
    if (status === 'CONFIRMED') return true;
    if (status !== 'PENDING') continue;
    const held = desk.reserved(id);
    if (!held || !isOverdue(held.reservation, desk.nowMs)) return true;
    endReservation(desk, held.coupon, held.reservation, 'TIMEOUT');
  }
  return false;
}

const newReservation = (desk: LifeDesk, coupon: Coupon, command: Reserve): Reservation => ({
  id: command.reservationId,
  couponId: coupon.id,
  userId: command.userId,
  orderId: command.orderId,
  orderAmount: command.orderAmount,
  discountAmount: discountOf(coupon.terms, command.orderAmount),
  status: 'PENDING',
  reservedAtMs: desk.nowMs,
  expiresAtMs: desk.nowMs + desk.holdMs,
  endedAtMs: null,
  confirmationFailed: false,
});

/** The step from ISSUED to RESERVED. */
export function hold(desk: LifeDesk, coupon: Coupon, reservation: Reservation): LifeOutcome {
  const { id: reservationId, orderId, reservedAtMs, discountAmount } = reservation;
  const state = { status: 'RESERVED', reservationId, orderId, reservedAtMs } as const;
  return done(desk.step('RESERVED', coupon, state, reservation, { discountAmount }), reservation);
}
