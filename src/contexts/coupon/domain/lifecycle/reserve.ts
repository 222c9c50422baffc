import { type CouponRefusal, refuse } from '../../refusals.ts';
import { type Coupon, isOverdue, type Reservation } from './coupon.ts';
import { discountFor, discountOf, eligibleAmountOf } from './discount.ts';
import { endReservation } from './end-reservation.ts';
import type { UserCommand } from './lifecycle-command.ts';
import type { LifecycleOutcome, SharedLimit } from './lifecycle-decision.ts';
import { conflict, done, refusalOfUse, refused, reservationExpired } from './lifecycle-outcome.ts';
import type { LifecycleUnitOfWork } from './lifecycle-unit-of-work.ts';

/** How many coupons a user may have reserved at once: it bounds how many a user can block without paying. */
export const RESERVATIONS_MAX = 20;

type Reserve = Extract<UserCommand, { kind: 'RESERVE' }>;

/**
 * Reserves an ISSUED coupon for an order and fixes its discount. A repeat with the same reservation id changes nothing.
 */
export function reserve(unitOfWork: LifecycleUnitOfWork, command: Reserve): LifecycleOutcome {
  const existing = unitOfWork.findReservation(command.reservationId);
  if (existing) return repeatedReservation(unitOfWork, command, existing);
  const coupon = unitOfWork.coupon(command.couponId);
  if (!coupon || coupon.userId !== command.userId) return refused(refuse('COUPON_NOT_FOUND'));
  const free = withOverdueEnded(unitOfWork, coupon);
  return (
    refusalFor(unitOfWork, free, command) ??
    startReservation(unitOfWork, free, newReservation(unitOfWork, free, command))
  );
}

function repeatedReservation(
  unitOfWork: LifecycleUnitOfWork,
  command: Reserve,
  existing: Reservation,
): LifecycleOutcome {
  const coupon = unitOfWork.coupon(command.couponId);
  const same =
    existing.couponId === command.couponId &&
    existing.userId === command.userId &&
    existing.orderId === command.orderId &&
    existing.orderAmount === command.orderAmount;
  if (!same || !coupon || !hasSameEligibleAmount(coupon, command, existing))
    return conflict('This reservation id was used for another request.');
  if (existing.status === 'CANCELLED') return conflict('This reservation was released.');
  if (existing.status === 'EXPIRED' || isOverdue(existing, unitOfWork.nowMs)) return reservationExpired(existing);
  return done(coupon, existing);
}

const hasSameEligibleAmount = ({ terms }: Coupon, command: Reserve, { eligibleAmount }: Reservation): boolean =>
  eligibleAmount === null || eligibleAmount === eligibleAmountOf(terms, command);

/** Ends an overdue reservation before its coupon is reserved again, even if no scheduled task has done so. */
function withOverdueEnded(unitOfWork: LifecycleUnitOfWork, coupon: Coupon): Coupon {
  if (coupon.state.status !== 'RESERVED') return coupon;
  const held = unitOfWork.reservationWithCoupon(coupon.state.reservationId);
  return held && isOverdue(held.reservation, unitOfWork.nowMs)
    ? endReservation(unitOfWork, held.coupon, held.reservation, 'TIMEOUT').coupon
    : coupon;
}

function refusalFor(unitOfWork: LifecycleUnitOfWork, coupon: Coupon, command: Reserve): LifecycleOutcome | undefined {
  const unusable = refusalOfUse(coupon, unitOfWork.nowMs);
  if (unusable) return refused(unusable);
  const discount = discountFor(coupon.terms, command);
  if (typeof discount !== 'bigint') return refused(discount);
  if (command.orderId !== null && orderHasCoupon(unitOfWork, command.userId, command.orderId)) {
    return refused(refuse('COUPON_NOT_STACKABLE'));
  }
  const holds = unitOfWork
    .pendingReservationsOf(command.userId)
    .filter((reservation) => !isOverdue(reservation, unitOfWork.nowMs));
  const tooMany = refusalOfHolds(holds.length) ?? refusalOfUncounted(unitOfWork.sharedLimit, command, holds.length);
  return tooMany && refused(tooMany);
}

/**
 * Refuses a reservation that could be more than the limit over all shards. While the reservations of a user are counted, only the one
 * with the token of the newest count is made.
 */
function refusalOfUncounted(
  limit: SharedLimit | undefined,
  { userId, countToken }: Reserve,
  holds: number,
): CouponRefusal | undefined {
  if (limit === undefined) return undefined;
  const newest = limit.countTokens.get(userId);
  const isAllowed = newest === undefined ? holds < limit.uncountedMax : newest === countToken;
  return isAllowed ? undefined : refuse('RESERVATIONS_NOT_COUNTED');
}

/** How many reservations a user may have in each of so many shards without a count over all of them. */
export const uncountedMaxOf = (shards: number): number => Math.floor(RESERVATIONS_MAX / shards);

/** The refusal of one more reservation for a user with so many that are not overdue. */
export const refusalOfHolds = (holds: number): CouponRefusal | undefined =>
  holds < RESERVATIONS_MAX
    ? undefined
    : refuse('RESERVATION_CONFLICT', { reason: `This user holds ${RESERVATIONS_MAX} reserved coupons already.` });

/**
 * Returns true when the order has a PENDING or CONFIRMED reservation, or a coupon was used for it without one. Overdue
 * reservations are ended first.
 */
export function orderHasCoupon(unitOfWork: LifecycleUnitOfWork, userId: bigint, orderId: string): boolean {
  if (unitOfWork.isUsedDirectly(userId, orderId)) return true;
  for (const { id, status } of unitOfWork.reservationsOfOrder(userId, orderId)) {
    if (status === 'CONFIRMED') return true;
    if (status !== 'PENDING') continue;
    const held = unitOfWork.reservationWithCoupon(id);
    if (!held || !isOverdue(held.reservation, unitOfWork.nowMs)) return true;
    endReservation(unitOfWork, held.coupon, held.reservation, 'TIMEOUT');
  }
  return false;
}

function newReservation(unitOfWork: LifecycleUnitOfWork, coupon: Coupon, command: Reserve): Reservation {
  const eligibleAmount = eligibleAmountOf(coupon.terms, command);
  return {
    id: command.reservationId,
    couponId: coupon.id,
    userId: command.userId,
    orderId: command.orderId,
    orderAmount: command.orderAmount,
    eligibleAmount,
    discountAmount: discountOf(coupon.terms, eligibleAmount),
    status: 'PENDING',
    reservedAtMs: unitOfWork.nowMs,
    expiresAtMs: unitOfWork.nowMs + unitOfWork.holdMs,
    endedAtMs: null,
    confirmationFailed: false,
  };
}

/** Records the step from ISSUED to RESERVED. */
export function startReservation(
  unitOfWork: LifecycleUnitOfWork,
  coupon: Coupon,
  reservation: Reservation,
): LifecycleOutcome {
  const { id: reservationId, orderId, reservedAtMs, discountAmount } = reservation;
  const state = { status: 'RESERVED', reservationId, orderId, reservedAtMs } as const;
  return done(unitOfWork.recordStep('RESERVED', coupon, state, reservation, { discountAmount }), reservation);
}
