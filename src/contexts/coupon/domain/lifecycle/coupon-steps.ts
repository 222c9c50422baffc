import { servesStore } from '../../../store/api.ts';
import { refuse } from '../../refusals.ts';
import type { Coupon } from './coupon.ts';
import { discountFor } from './discount.ts';
import type { AdminCommand, CounterCommand, UserCommand } from './lifecycle-command.ts';
import type { LifecycleOutcome } from './lifecycle-decision.ts';
import { conflict, done, IGNORED, refusalOfUse, refused } from './lifecycle-outcome.ts';
import type { LifecycleUnitOfWork } from './lifecycle-unit-of-work.ts';
import { orderHasCoupon } from './reserve.ts';

/** Uses a coupon without a reservation, by the rules of reserving. A repeat with the same order, or again without one, changes nothing. */
export function useDirectly(
  unitOfWork: LifecycleUnitOfWork,
  command: Extract<UserCommand, { kind: 'USE' }>,
): LifecycleOutcome {
  const { couponId, userId, orderId } = command;
  const coupon = unitOfWork.coupon(couponId);
  if (coupon?.userId !== userId) return refused(refuse('COUPON_NOT_FOUND'));
  const { state } = coupon;
  if (state.status === 'USED') {
    // Without an order a repeat looks like a second use. It counts as a repeat when no reservation used the coupon.
    const same = state.orderId === orderId && (orderId !== null || state.reservation === null);
    return same ? done(coupon, null) : refused(refuse('COUPON_ALREADY_USED'));
  }
  const unusable = refusalOfUse(coupon, unitOfWork.nowMs);
  if (unusable) return refused(unusable);
  const discountAmount = discountFor(coupon.terms, command);
  if (typeof discountAmount !== 'bigint') return refused(discountAmount);
  if (orderId !== null && orderHasCoupon(unitOfWork, userId, orderId)) return refused(refuse('COUPON_NOT_STACKABLE'));
  const used = { status: 'USED', reservation: null, orderId, usedAtMs: unitOfWork.nowMs, discountAmount } as const;
  return done(unitOfWork.recordStep('USED', coupon, used, null, { orderId, discountAmount }), null);
}

/**
 * Uses a coupon at the counter of its store. There is no order by which a repeat could be recognised, and two tills may read one code: a
 * used coupon is refused. Only a command with the same key is a repeat.
 */
export function useAtCounter(
  unitOfWork: LifecycleUnitOfWork,
  { couponId, clerk, orderAmount }: CounterCommand,
): LifecycleOutcome {
  const coupon = unitOfWork.coupon(couponId);
  // Of a code that was guessed.
  if (!coupon) return refused(refuse('COUPON_CODE_NOT_FOUND'));
  if (!servesStore(clerk, coupon.terms.eligibleStoreId)) return refused(refuse('FORBIDDEN'));
  const unusable = refusalOfUse(coupon, unitOfWork.nowMs);
  if (unusable) return refused(unusable);
  // Whatever is bought at the counter of its store is of that store.
  const discountAmount = discountFor({ ...coupon.terms, eligibleStoreId: null }, { orderAmount });
  if (typeof discountAmount !== 'bigint') return refused(discountAmount);
  const used = {
    status: 'USED',
    reservation: null,
    orderId: null,
    usedAtMs: unitOfWork.nowMs,
    discountAmount,
  } as const;
  const changedBy = `${clerk.role} ${clerk.userId}`;
  return done(unitOfWork.recordStep('USED', coupon, used, null, { discountAmount, changedBy }), null);
}

/**
 * Restores the coupon of a refunded order if its policy allows that and it has not expired; otherwise it stays used.
 * The coupon of an order that was never paid is restored in any case: its owner lost only time.
 */
export function restore(
  unitOfWork: LifecycleUnitOfWork,
  { couponId, orderId, unpaid }: Extract<AdminCommand, { kind: 'RESTORE' }>,
): LifecycleOutcome {
  const coupon = unitOfWork.coupon(couponId);
  if (!coupon) return refused(refuse('COUPON_NOT_FOUND'));
  const { state } = coupon;
  // Restored earlier, and possibly used, expired or withdrawn since: a repeat changes nothing.
  if (state.status !== 'USED') return done(coupon, null);
  if (state.orderId !== orderId) return conflict('The coupon was used for another order.');
  const refundable = coupon.terms.restoreOnRefund && unitOfWork.nowMs < coupon.expiresAtMs;
  if (!refundable && !unpaid) return done(coupon, null);
  const { discountAmount } = state;
  const restored = unitOfWork.recordStep(
    'RESTORED',
    coupon,
    { status: 'ISSUED' },
    cancelledReservation(unitOfWork, coupon),
    {
      reason: 'REFUNDED',
      orderId,
      discountAmount,
    },
  );
  // The coupon may not be stored as ISSUED past its expiry.
  return unpaid ? expire(unitOfWork, couponId) : done(restored, null);
}

/** Cancels the CONFIRMED reservation: only a USED coupon may have one. */
function cancelledReservation(unitOfWork: LifecycleUnitOfWork, { state }: Coupon) {
  if (state.status !== 'USED' || state.reservation === null) return null;
  const held = unitOfWork.reservationWithCoupon(state.reservation.id);
  if (!held) throw new Error(`the reservation of a used coupon was not loaded: ${state.reservation.id}`);
  return { ...held.reservation, status: 'CANCELLED' as const, endedAtMs: unitOfWork.nowMs };
}

/** Expires an ISSUED coupon past its expiry; any other stays unchanged. It still counts against the user's limit. */
export function expire(unitOfWork: LifecycleUnitOfWork, couponId: bigint): LifecycleOutcome {
  const coupon = unitOfWork.coupon(couponId);
  if (!coupon) return IGNORED;
  const due = coupon.state.status === 'ISSUED' && unitOfWork.nowMs >= coupon.expiresAtMs;
  return done(due ? unitOfWork.recordStep('EXPIRED', coupon, { status: 'EXPIRED' }, null) : coupon, null);
}
