import { reservationIdOf } from '../../src/contexts/order/domain/next-action.ts';
import type { Order } from '../../src/contexts/order/domain/order.ts';
import { isPaid } from './invariants.ts';
import type { Shop } from './shop.ts';

/** A coupon is used exactly by orders that are paid, and given back with all of one when its policy says so. */
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
    const reservation = state.reservations.get(reservationIdOf(order));
    const stored = state.coupons.get(couponId);
    const isUsed = stored?.state.status === 'USED' && stored.state.orderId === String(id);
    const name = `order ${id} (${order.state.status}), its coupon ${couponId}`;
    if (!isPaid(order)) return isUsed || reservation?.status === 'CONFIRMED' ? [`${name} is used`] : [];
    if (!reservation || reservation.discountAmount !== couponDiscount) return [`${name}: another discount`];
    if (isUsed && reservation.status === 'CONFIRMED') {
      // The clock decides at a refund whether there is anything left to come back; that it may is checked by its step.
      return [];
    }
    const mayReturn = order.state.status === 'REFUNDED' && reservation.status === 'CANCELLED';
    return mayReturn ? [] : [`${name} is ${stored?.state.status}, its reservation ${reservation.status}`];
  }
}
