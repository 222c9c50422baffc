import { managesStore } from '../../../store/api.ts';
import { refuse } from '../../refusals.ts';
import { type Coupon, type Reservation, statusAt } from './coupon.ts';
import type { AdminCommand } from './lifecycle-command.ts';
import type { LifecycleOutcome } from './lifecycle-decision.ts';
import { conflict, couponExpired, done, refused } from './lifecycle-outcome.ts';
import type { LifecycleUnitOfWork } from './lifecycle-unit-of-work.ts';

type Cancel = Extract<AdminCommand, { kind: 'CANCEL' }>;

/** Withdraws a coupon for a manager of its policy, and returns its stock if requested. */
export function withdraw(unitOfWork: LifecycleUnitOfWork, command: Cancel): LifecycleOutcome {
  const coupon = unitOfWork.coupon(command.couponId);
  if (!coupon) return refused(refuse('COUPON_NOT_FOUND'));
  if (!managesStore(command.manager, coupon.terms.storeId)) return refused(refuse('FORBIDDEN'));
  const status = statusAt(coupon, unitOfWork.nowMs);
  if (status === 'CANCELLED') return done(coupon, null);
  if (status === 'USED') return refused(refuse('COUPON_ALREADY_USED'));
  if (status === 'EXPIRED') return couponExpired(coupon);
  if (status === 'RESERVED' && !command.orderCancelled) return conflict('The coupon is reserved for an order.');

  const { manager, note, returnStock } = command;
  const reservation = cancelledReservation(unitOfWork, coupon);
  const after = unitOfWork.recordStep(
    'CANCELLED',
    coupon,
    { status: 'CANCELLED', returned: returnStock },
    reservation,
    {
      reason: 'WITHDRAWN',
      changedBy: `${manager.role} ${manager.userId}`,
      note: note === '' ? null : note,
    },
  );
  updateStock(unitOfWork, coupon.terms.policyId, returnStock);
  return done(after, reservation);
}

function cancelledReservation(unitOfWork: LifecycleUnitOfWork, { state }: Coupon): Reservation | null {
  if (state.status !== 'RESERVED') return null;
  const held = unitOfWork.reservationWithCoupon(state.reservationId);
  if (!held) throw new Error(`the reservation of a reserved coupon was not loaded: ${state.reservationId}`);
  return { ...held.reservation, status: 'CANCELLED', endedAtMs: unitOfWork.nowMs };
}

/** The user may get another coupon, and with returned stock any user may: earlier refusals are no longer valid. */
function updateStock(unitOfWork: LifecycleUnitOfWork, policyId: bigint, returnStock: boolean): void {
  const policy = unitOfWork.policy(policyId);
  const status = returnStock && policy.status === 'EXHAUSTED' ? 'ACTIVE' : policy.status;
  const issuedCount = policy.issuedCount - (returnStock ? 1 : 0);
  unitOfWork.setPolicy({ ...policy, status, issuedCount, refusalEpoch: policy.refusalEpoch + 1 });
}
