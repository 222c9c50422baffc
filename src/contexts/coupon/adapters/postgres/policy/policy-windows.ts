import type { PolicyWindows } from '../../../application/policy/ports.ts';
import { policyStatusAt } from '../../../domain/policy/policy.ts';
import { DUE_POLICY } from './policy-mappings.ts';
import { applyTransitions, type TransitionDeps } from './policy-transitions.ts';

// Each half reads the first entry of an index.
const NEXT = `
  select least(
    (select min(valid_from) from coupon.coupon_policies where status = 'PENDING'),
    (select min(valid_until) from coupon.coupon_policies where status <> 'ENDED')) next`;

// Each half reads the start of an index. Sorted, so that all batches lock in the same order. The conditions are
// repeated for rows that were locked by others: they may no longer be due.
const LOCK_DUE = `
  select ${DUE_POLICY.columns('p')}
  from coupon.coupon_policies p
  where p.id = any(array(
      (select id from coupon.coupon_policies
        where status = 'PENDING' and valid_from <= $1::timestamptz order by valid_from limit $2)
      union (select id from coupon.coupon_policies
        where status <> 'ENDED' and valid_until <= $1::timestamptz order by valid_until limit $2)))
    and ((p.status = 'PENDING' and p.valid_from <= $1::timestamptz)
      or (p.status <> 'ENDED' and p.valid_until <= $1::timestamptz))
  order by p.id limit $2 for no key update`;

export function postgresPolicyWindows(deps: TransitionDeps): PolicyWindows {
  return {
    async nextAt() {
      const { rows } = await deps.database.pool.query<{ next: Date | null }>(NEXT);
      return rows[0]?.next?.getTime();
    },
    applyDueTransitions: (now, limit) =>
      applyTransitions(deps, {
        lock: { name: 'policies-due', text: LOCK_DUE, values: [now, limit] },
        changedBy: 'clock',
        to({ status, validFrom, validUntil }) {
          const due = policyStatusAt({ status, terms: { validFrom, validUntil } }, now.getTime());
          return { status: due, reason: due === 'ENDED' ? 'WINDOW_ENDED' : 'WINDOW_OPENED' };
        },
        now,
      }),
  };
}
