import type { Reservation } from '../../src/contexts/coupon/domain/lifecycle/coupon.ts';
import { discountOf } from '../../src/contexts/coupon/domain/lifecycle/discount.ts';
import { qualifiedId } from '../../src/contexts/coupon/domain/lifecycle/reservation-id.ts';
import { couponWithTerms } from '../../src/contexts/coupon/test/memory/state.ts';
import { reservationIdOf } from '../../src/contexts/order/domain/next-step.ts';
import type { Order } from '../../src/contexts/order/domain/order.ts';
import { DAY_MS } from '../../src/platform/kernel/durations.ts';
import { isPaid } from './is-paid.ts';
import { type Shop, START_MS } from './shop.ts';

/**
 * Reserved before the order ended, and not released then. An order that was refused its coupon knows of no reservation: that of
 * another process is released, or expires.
 */
function isLeft({ state, reservedAtMs: wasReserved }: Order, { status, reservedAtMs }: Reservation): boolean {
  if (state.status !== 'ENDED' || status !== 'EXPIRED' || reservedAtMs >= state.endedAtMs) return false;
  const isAfterCoupon = (code: string) => code === 'INSUFFICIENT_POINTS' || code === 'PRICE_CHANGED';
  return state.ending.status !== 'FAILED' || wasReserved !== null || isAfterCoupon(state.ending.refusal.code);
}

/** A coupon is used exactly by orders that are paid, and restored with the refund of a whole order when its policy says so. */
export function couponProblems({ orders, coupons }: Shop): string[] {
  const problems: string[] = [];
  const { state } = coupons;
  for (const { id, status } of state.reservations.values()) {
    if (status === 'PENDING') problems.push(`reservation ${id} is PENDING`);
  }
  for (const [id, { state: is }] of state.coupons) {
    if (is.status === 'RESERVED') problems.push(`coupon ${id} is RESERVED`);
    if (is.status !== 'USED') continue;
    const user = orders.state.orders.get(BigInt(is.orderId ?? 0));
    if (user?.couponId !== id || !isPaid(user)) {
      problems.push(`coupon ${id} is USED by order ${is.orderId}, which is ${user?.state.status}`);
    }
  }
  for (const order of orders.state.orders.values()) problems.push(...ofOrder(order));
  return problems;

  function ofOrder(order: Order): string[] {
    const { id, couponId, couponDiscount } = order;
    if (couponId === null) return [];
    const reservation = state.reservations.get(qualifiedId('CHECKOUT', order.userId, reservationIdOf(order)));
    const stored = state.coupons.get(couponId);
    const isUsed = stored?.state.status === 'USED' && stored.state.orderId === String(id);
    const name = `order ${id} (${order.state.status}), its coupon ${couponId}`;
    if (!isPaid(order)) {
      if (isUsed || reservation?.status === 'CONFIRMED') return [`${name} is used`];
      const isDue = reservation && !coupons.madeAfterRelease.has(reservation.id) && isLeft(order, reservation);
      return isDue ? [`${name} was not released: its reservation expired`] : [];
    }
    if (!reservation || reservation.discountAmount !== couponDiscount) return [`${name}: another discount`];
    const isKept = isUsed && reservation.status === 'CONFIRMED';
    const isBack = order.state.status === 'REFUNDED' && reservation.status === 'CANCELLED';
    if (!isKept && !isBack) return [`${name} is ${stored?.state.status}, its reservation ${reservation.status}`];
    const policy = stored && state.policies.get(stored.issued.policyId)?.policy;
    const kept = stored && couponWithTerms(stored, state.policies.get(stored.issued.policyId)).terms;
    if (kept && discountOf(kept, reservation.orderAmount) !== couponDiscount) {
      return [`${name} took ${couponDiscount} off, which its terms do not say`];
    }
    const returns = order.state.status === 'REFUNDED' && policy?.terms?.restoreOnRefund === true;
    // One that ends within the run may have ended before its refund.
    const isLasting = stored !== undefined && stored.issued.expiresAtMs >= START_MS + DAY_MS;
    if (isBack && !returns) return [`${name} came back, and should not`];
    return isKept && returns && isLasting ? [`${name} should have come back`] : [];
  }
}
