import type { Coupon, Reservation } from './coupon.ts';
import type { Step } from './life-decision.ts';
import type { LifeDesk } from './life-desk.ts';

/** Ends a PENDING reservation without use: the coupon is free again. */
export function endReservation(
  desk: LifeDesk,
  coupon: Coupon,
  pending: Reservation,
  reason: Exclude<Step['reason'], 'WITHDRAWN' | 'REFUNDED' | null>,
) {
  const status = reason === 'TIMEOUT' ? ('EXPIRED' as const) : ('CANCELLED' as const);
  const reservation = { ...pending, status, endedAtMs: desk.nowMs };
  return { coupon: desk.step('RELEASED', coupon, { status: 'ISSUED' }, reservation, { reason }), reservation };
}
