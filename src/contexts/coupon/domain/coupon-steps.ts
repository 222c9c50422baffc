import { type Coupon, statusAt } from './coupon.ts';
import { discountWithoutOrder } from './discount.ts';
import type { AdminCommand, UserCommand } from './life-command.ts';
import type { LifeOutcome } from './life-decision.ts';
import type { LifeDesk } from './life-desk.ts';
import { conflict, couponExpired, done, IGNORED, refused, withdrawn } from './life-outcome.ts';

/** Uses a coupon without a reservation. Repeatable with the same order, or without one. */
export function useDirectly(
  desk: LifeDesk,
  { couponId, userId, orderId }: Extract<UserCommand, { kind: 'USE' }>,
): LifeOutcome {
  const coupon = desk.coupon(couponId);
  if (!coupon || (userId !== null && coupon.userId !== userId)) return refused('COUPON_NOT_FOUND');
  const { state } = coupon;
  if (state.status === 'USED') {
    // Without an order nothing tells a repeat from a second use, but that nobody reserved it in between.
    const same = state.orderId === orderId && (orderId !== null || state.reservation === null);
    return same ? done(coupon, null) : refused('COUPON_ALREADY_USED');
  }
  const status = statusAt(coupon, desk.nowMs);
  if (status === 'RESERVED') return conflict('The coupon is reserved for an order.');
  if (status === 'EXPIRED') return couponExpired(coupon);
  if (status === 'CANCELLED') return withdrawn();
  const discountAmount = discountWithoutOrder(coupon.terms);
  const used = { status: 'USED', reservation: null, orderId, usedAtMs: desk.nowMs, discountAmount } as const;
  return done(desk.step('USED', coupon, used, null, { orderId, discountAmount }), null);
}

/**
 * The order was refunded: its coupon comes back when the policy says so and it has not expired; else it stays used. The coupon
 * of an order that was never paid comes back whatever the policy says: what its owner lost meanwhile is only time.
 */
export function restore(
  desk: LifeDesk,
  { couponId, orderId, unpaid }: Extract<AdminCommand, { kind: 'RESTORE' }>,
): LifeOutcome {
  const coupon = desk.coupon(couponId);
  if (!coupon) return refused('COUPON_NOT_FOUND');
  const { state } = coupon;
  // Restored before, and perhaps used, expired or withdrawn since: a repeat changes nothing.
  if (state.status !== 'USED') return done(coupon, null);
  if (state.orderId !== orderId) return conflict('The coupon was used for another order.');
  const refundable = coupon.terms.restoreOnRefund && desk.nowMs < coupon.expiresAtMs;
  if (!refundable && !unpaid) return done(coupon, null);
  const { discountAmount } = state;
  const restored = desk.step('RESTORED', coupon, { status: 'ISSUED' }, refunded(desk, coupon), {
    reason: 'REFUNDED',
    orderId,
    discountAmount,
  });
  // Nobody may find it ISSUED past its time.
  return unpaid ? expire(desk, couponId) : done(restored, null);
}

/** What confirmed the use no longer does: a coupon that is not USED has no CONFIRMED reservation. */
function refunded(desk: LifeDesk, { state }: Coupon) {
  if (state.status !== 'USED' || state.reservation === null) return null;
  const held = desk.reserved(state.reservation.id);
  if (!held) throw new Error(`the reservation of a used coupon was not loaded: ${state.reservation.id}`);
  return { ...held.reservation, status: 'CANCELLED' as const, endedAtMs: desk.nowMs };
}

/** Ends a coupon that is ISSUED and out of time; any other stays as it is. It keeps its place in the user's limit. */
export function expire(desk: LifeDesk, couponId: bigint): LifeOutcome {
  const coupon = desk.coupon(couponId);
  if (!coupon) return IGNORED;
  const due = coupon.state.status === 'ISSUED' && desk.nowMs >= coupon.expiresAtMs;
  return done(due ? desk.step('EXPIRED', coupon, { status: 'EXPIRED' }, null) : coupon, null);
}
