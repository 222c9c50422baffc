import { type Coupon, type Reservation, statusAt } from './coupon.ts';
import type { AdminCommand } from './life-command.ts';
import type { LifeOutcome } from './life-decision.ts';
import type { LifeDesk } from './life-desk.ts';
import { conflict, couponExpired, done, refused } from './life-outcome.ts';

type Cancel = Extract<AdminCommand, { kind: 'CANCEL' }>;

/** Takes a coupon away, by whoever handles its policy; perhaps gives its place in the stock back. */
export function withdraw(desk: LifeDesk, command: Cancel): LifeOutcome {
  const coupon = desk.coupon(command.couponId);
  if (!coupon) return refused('COUPON_NOT_FOUND');
  if (!mayWithdraw(command.principal, coupon)) return refused('FORBIDDEN');
  const status = statusAt(coupon, desk.nowMs);
  if (status === 'CANCELLED') return done(coupon, null);
  if (status === 'USED') return refused('COUPON_ALREADY_USED');
  if (status === 'EXPIRED') return couponExpired(coupon);
  if (status === 'RESERVED' && !command.orderCancelled) return conflict('The coupon is reserved for an order.');

  const { principal, note, returnStock } = command;
  const reservation = released(desk, coupon);
  const after = desk.step('CANCELLED', coupon, { status: 'CANCELLED', returned: returnStock }, reservation, {
    reason: 'WITHDRAWN',
    changedBy: `${principal.role} ${principal.userId}`,
    note: note === '' ? null : note,
  });
  freePlace(desk, coupon.terms.policyId, returnStock);
  return done(after, reservation);
}

const mayWithdraw = ({ userId, role }: Cancel['principal'], { terms }: Coupon): boolean =>
  role === 'ADMIN' || (role === 'OWNER' && terms.createdBy === userId);

function released(desk: LifeDesk, { state }: Coupon): Reservation | null {
  if (state.status !== 'RESERVED') return null;
  const held = desk.reserved(state.reservationId);
  if (!held) throw new Error(`the reservation of a reserved coupon was not loaded: ${state.reservationId}`);
  return { ...held.reservation, status: 'CANCELLED', endedAtMs: desk.nowMs };
}

/** The user may get another one, and with the stock back so may anybody: what was refused before may be given now. */
function freePlace(desk: LifeDesk, policyId: bigint, returnStock: boolean): void {
  const policy = desk.policy(policyId);
  const status = returnStock && policy.status === 'EXHAUSTED' ? 'ACTIVE' : policy.status;
  const issuedCount = policy.issuedCount - (returnStock ? 1 : 0);
  desk.setPolicy({ ...policy, status, issuedCount, refusalEpoch: policy.refusalEpoch + 1 });
}
