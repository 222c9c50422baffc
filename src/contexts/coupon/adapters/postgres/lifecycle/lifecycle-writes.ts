import { RowWrites, type Statement } from '../../../../../platform/postgres/statement.ts';
import type { Reservation } from '../../../domain/lifecycle/coupon.ts';
import type { LifecycleDecision, Step } from '../../../domain/lifecycle/lifecycle-decision.ts';
import { COUPON_CHANGE, HISTORY, POLICY_STOCK, RESERVATION, RESERVATION_CHANGE } from './lifecycle-mappings.ts';

const UPDATE_COUPONS = `
  update coupon.coupon_issues i
  set ${COUPON_CHANGE.assignments()}
  from unnest(${COUPON_CHANGE.arrays()}) new(${COUPON_CHANGE.names})
  where i.id = new.id`;

// Rows are inserted in the order given: see lifecycleWrites.
const PUT_RESERVATIONS = `
  insert into coupon.coupon_reservations as r (${RESERVATION.insertColumns})
  select * from unnest(${RESERVATION.arrays()})
  on conflict (id) do update set ${RESERVATION_CHANGE.assignments('excluded.')}`;

const INSERT_HISTORY = `
  insert into coupon.coupon_history (${HISTORY.insertColumns})
  select *, ${HISTORY.shared()} from unnest(${HISTORY.arrays()})`;

const UPDATE_POLICIES = `
  update coupon.coupon_policies p
  set ${POLICY_STOCK.assignments()}
  from unnest(${POLICY_STOCK.arrays()}) new(${POLICY_STOCK.names})
  where p.id = new.id`;

/** The statements of a batch's second round trip. `groupId` identifies the batch in the history. */
export function lifecycleWrites(decision: LifecycleDecision, groupId: bigint): Statement[] {
  const writes = new RowWrites('life-');
  writes.add(decision.coupons, 'update', UPDATE_COUPONS, COUPON_CHANGE.values);
  // Ended reservations come before new ones, so that no row makes an order or a coupon have two active reservations.
  const ending = (reservation: Reservation) => (holds(reservation) ? 1 : 0);
  const reservations = [...decision.reservations].sort((a, b) => ending(a) - ending(b));
  writes.add(reservations, 'reservations-put', PUT_RESERVATIONS, RESERVATION.values);
  const once = { groupId, atMs: decision.nowMs };
  writes.add(decision.steps, 'history', INSERT_HISTORY, (steps) => HISTORY.values(steps.map(historyRow), once));
  writes.add(decision.policies, 'policies-update', UPDATE_POLICIES, POLICY_STOCK.values);
  return writes.statements;
}

const holds = ({ status }: Reservation): boolean => status === 'PENDING' || status === 'CONFIRMED';
const historyRow = ({ coupon, reservation, ...step }: Step) => ({
  ...step,
  couponId: coupon.id,
  version: coupon.version,
  policyId: coupon.terms.policyId,
  reservationId: reservation?.id ?? null,
});
