import type pg from 'pg';

const LOCK_POLICY = 'select 1 from coupon.coupon_policies where id = $1 for no key update';

/** Locks the row of a policy until the transaction ends, and so waits for one that still changes it. */
export async function lockPolicy(client: pg.ClientBase, policyId: bigint): Promise<void> {
  await client.query(LOCK_POLICY, [policyId]);
}
