import type { Audit } from '../../../../../platform/context.ts';
import { sqlAudit } from '../../../../../platform/postgres/sql-audit.ts';

/**
 * An audit that recounts an invariant of orders. It does not rely on constraints or indexes, because it must also find what they should
 * have prevented. A coupon policy has no orders, so an audit of one policy checks nothing here.
 */
export function orderAudit(name: string, query: string): Audit {
  const audit = sqlAudit(name, query);
  return {
    name,
    run: async (snapshot, scope) =>
      scope.policyId === undefined ? audit.run(snapshot, scope) : { ok: true, figures: { orders: 0 }, violations: [] },
  };
}

/** Uses the one parameter of every audit query, the policy. */
export const ALL = '$1::bigint is null';
