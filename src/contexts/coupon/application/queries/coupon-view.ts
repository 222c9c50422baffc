import type { Coupon as CouponView, Reservation as ReservationView } from '../../api.ts';
import { type Coupon, type Reservation, statusAt } from '../../domain/lifecycle/coupon.ts';
import { callerIdOf, originOf } from '../../domain/lifecycle/reservation-id.ts';
import type { ListedCoupon } from './ports.ts';

/** The view of a coupon: past its expiry it is EXPIRED, even if no scheduled task has stored that yet. */
export function toCouponView(coupon: Coupon, nowMs: number): CouponView {
  const { state, terms } = coupon;
  const status = statusAt(coupon, nowMs);
  const shown: CouponView = {
    id: coupon.id,
    policyId: terms.policyId,
    userId: coupon.userId,
    status,
    sequenceNo: coupon.sequenceNo,
    code: coupon.code ?? undefined,
    issuedAt: new Date(coupon.issuedAtMs),
    expiresAt: new Date(coupon.expiresAtMs),
    usedAt: undefined,
    reservedAt: undefined,
    reservationId: undefined,
    orderId: undefined,
    termsVersion: coupon.termsVersion,
  };
  if (state.status === 'RESERVED') {
    const { reservationId, orderId, reservedAtMs } = state;
    return {
      ...shown,
      reservationId: callerIdOf(reservationId),
      orderId: orderId ?? undefined,
      reservedAt: new Date(reservedAtMs),
    };
  }
  if (state.status !== 'USED') return shown;
  const { reservation, orderId, usedAtMs } = state;
  return {
    ...shown,
    usedAt: new Date(usedAtMs),
    orderId: orderId ?? undefined,
    reservationId: reservation === null ? undefined : callerIdOf(reservation.id),
    reservedAt: reservation === null ? undefined : new Date(reservation.reservedAtMs),
  };
}

/** The view of a coupon with its discount. */
export const toUserCouponView = (coupon: Coupon, nowMs: number): ListedCoupon => ({
  coupon: toCouponView(coupon, nowMs),
  name: coupon.terms.name,
  discountType: coupon.terms.discountType,
  discountValue: coupon.terms.discountValue,
  minimumOrderAmount: coupon.terms.minimumOrderAmount,
  maxDiscountAmount: coupon.terms.maxDiscountAmount ?? undefined,
});

export const toReservationView = (reservation: Reservation): ReservationView => ({
  id: callerIdOf(reservation.id),
  origin: originOf(reservation.id),
  couponId: reservation.couponId,
  userId: reservation.userId,
  orderId: reservation.orderId ?? undefined,
  orderAmount: reservation.orderAmount,
  discountAmount: reservation.discountAmount,
  status: reservation.status,
  reservedAt: new Date(reservation.reservedAtMs),
  expiresAt: new Date(reservation.expiresAtMs),
});
