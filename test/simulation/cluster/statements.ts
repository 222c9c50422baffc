import {
  insertCoupons,
  insertHistory,
  isInHistory,
  loadCoupons,
  loadHolders,
  loadHoldings,
  lockCoupons,
  selectCoupon,
  updateCoupons,
} from './coupon-statements.ts';
import { claimEvents, countEffects, deleteOutbox, putOutbox, readOutbox } from './event-statements.ts';
import { insertResults, isResultStored, readResults } from './key-statements.ts';
import { issueOptimistically } from './optimistic-statement.ts';
import { raiseFence, selectModel, selectPolicies, updateModel, updatePolicies } from './policy-statements.ts';
import {
  closedReservations,
  dueReservations,
  loadReservations,
  lockUsers,
  putReservations,
} from './reservation-statements.ts';
import { type Result, type Run, returned, type Session, written } from './session.ts';

type Compile = (text: string) => Run;

/** By what is in their text; the first one that fits. */
const STATEMENTS: readonly (readonly [pattern: RegExp, compile: Compile])[] = [
  [
    /^select clock_timestamp\(\)/,
    () =>
      ({ nowMs }) =>
        returned([{ now: new Date(nowMs()) }]),
  ],
  [
    /^select pg_logical_emit_message/,
    () =>
      ({ transaction }) => {
        transaction.isConfirmed = true;
        return returned([{}]);
      },
  ],
  [/^with policy as materialized/, issueOptimistically],
  [/^select kept.scope/, () => readResults],
  [/^insert into platform.command_results/, () => insertResults],
  [/^select 1 from platform.command_results/, () => isResultStored],
  [/^with gone as/, () => deleteOutbox],
  [/^insert into platform.inbox/, () => claimEvents],
  [
    /^insert into platform.outbox/,
    () => (session, values) => {
      putOutbox(session, values);
      return written(1);
    },
  ],
  [/^insert into coupon.coupon_issues/, insertCoupons],
  [/^insert into coupon.coupon_history/, insertHistory],
  [/^insert into "coupon"."coupon_policy_changes"/, () => () => written(1)],
  [/^insert into simulation.effects/, () => countEffects],
  [/^update coupon.coupon_policies set fence = fence \+ 1/, () => raiseFence],
  [/^update coupon.coupon_policies p/, updatePolicies],
  [/^update "coupon"."coupon_policies"/, updateModel],
  [/^update coupon.coupon_issues/, updateCoupons],
  [/string_agg\(i.user_id/, () => loadHolders],
  [/wanted\(policy_id, user_id\)/, () => loadHoldings],
  [/^select i.id from coupon.coupon_issues i/, lockCoupons],
  [/from coupon.coupon_issues i join coupon.coupon_policies p/, () => loadCoupons],
  [/^select 1 from coupon.coupon_issues/, selectCoupon],
  [/^select 1 from coupon.coupon_history/, () => isInHistory],
  [/^select pg_advisory_xact_lock/, () => lockUsers],
  [/^insert into coupon.coupon_reservations/, putReservations],
  [/^select 1 from coupon.coupon_reservations/, () => closedReservations],
  [/^select id from coupon.coupon_reservations where status = 'PENDING'/, () => dueReservations],
  // No coupon is used without a reservation here.
  [/ as used$/, () => () => returned([])],
  [/from coupon.coupon_reservations/, () => loadReservations],
  [/platform.outbox as o/, readOutbox],
  [/from "coupon"."coupon_policies"/, selectModel],
  [/from coupon.coupon_policies/, selectPolicies],
];

const compiled = new Map<string, Run>();

/** Runs a statement. Rejects with the errors of PostgreSQL. */
export function execute(session: Session, text: string, values: readonly unknown[]): Result | Promise<Result> {
  let run = compiled.get(text);
  if (!run) {
    const normalized = text.replace(/\s+/g, ' ').trim();
    const found = STATEMENTS.find(([pattern]) => pattern.test(normalized));
    if (!found) throw new Error(`a statement that the simulation does not know: ${normalized}`);
    run = found[1](normalized);
    compiled.set(text, run);
  }
  return run(session, values);
}
