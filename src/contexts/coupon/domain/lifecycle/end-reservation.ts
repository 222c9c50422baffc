import type { Coupon, Reservation } from './coupon.ts';
import type { Step } from './lifecycle-decision.ts';
import type { LifecycleUnitOfWork } from './lifecycle-unit-of-work.ts';

/** Ends a PENDING reservation without use; the coupon is ISSUED again. */
export function endReservation(
  unitOfWork: LifecycleUnitOfWork,
  coupon: Coupon,
  pending: Reservation,
  reason: Exclude<Step['reason'], 'WITHDRAWN' | 'REFUNDED' | null>,
) {
  const status = reason === 'TIMEOUT' ? ('EXPIRED' as const) : ('CANCELLED' as const);
  const reservation = { ...pending, status, endedAtMs: unitOfWork.nowMs };
  return {
    coupon: unitOfWork.recordStep('RELEASED', coupon, { status: 'ISSUED' }, reservation, { reason }),
    reservation,
  };
}
