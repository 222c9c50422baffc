import type pg from 'pg';
import { inTransaction } from '../../../../../platform/postgres/transaction.ts';
import type { StoreClosings } from '../../../application/policy/ports.ts';
import type { Policy } from '../../../domain/policy/policy.ts';
import { DUE_POLICY } from './policy-mappings.ts';
import { applyTransitions, type TransitionDeps } from './policy-transitions.ts';

// A policy is bound to its store under the shared lock, and a closing is recorded under the exclusive one: so either the closing finds
// the policy, or the policy finds the closing.
const lock = (suffix: '' | '_shared') =>
  `select pg_advisory_xact_lock${suffix}(hashtextextended('coupon.store:' || $1::text, 0))`;
const [LOCK, LOCK_SHARED] = [lock(''), lock('_shared')];

const RECORD = `
  insert into coupon.closed_stores as c (store_id, version) values ($1, $2)
  on conflict (store_id) do update set version = greatest(c.version, excluded.version)`;
const IS_CLOSED = 'select 1 from coupon.closed_stores where store_id = $1 and version > $2';

// A policy without a version was bound by a node that did not know versions yet.
const LOCK_POLICIES = `
  select ${DUE_POLICY.columns('p')}
  from coupon.coupon_policies p
  where p.store_id = $1 and p.status <> 'ENDED' and coalesce(p.store_version, 0) < $2
  order by p.id limit $3 for no key update`;

export const postgresStoreClosings = (deps: TransitionDeps): StoreClosings => ({
  record: (storeId, version) =>
    inTransaction(deps.database.pool, async (client) => {
      await client.query(LOCK, [storeId]);
      await client.query(RECORD, [storeId, version]);
    }),
  endPolicies: (storeId, version, limit) =>
    applyTransitions(deps, {
      lock: { name: 'policies-of-store', text: LOCK_POLICIES, values: [storeId, version, limit] },
      changedBy: 'store',
      to: () => ({ status: 'ENDED', reason: 'STORE_CLOSED' }),
    }),
});

/**
 * Returns true when the store of the policy was closed after it was checked. Call it in the transaction that binds the policy to the store:
 * the lock is held until its end.
 */
export async function isStoreClosed(
  client: pg.ClientBase,
  { terms: { storeId }, storeVersion = 0 }: Policy,
): Promise<boolean> {
  if (storeId === undefined) return false;
  await client.query(LOCK_SHARED, [storeId]);
  return (await client.query(IS_CLOSED, [storeId, storeVersion])).rowCount === 1;
}
