import pg from 'pg';
import { expect } from 'vitest';

/** Expects exactly the acknowledged coupons of the policy, each numbered once from 1. */
export async function expectStored(
  databaseUrl: string,
  { policyId, acknowledged }: { readonly policyId: string; readonly acknowledged: ReadonlySet<string> },
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client
    .query<{ ids: string[]; last: number }>(
      'select array_agg(id::text) as ids, max(sequence_no) as last from coupon.coupon_issues where policy_id = $1',
      [policyId],
    )
    .finally(() => client.end());
  expect(new Set(rows[0]?.ids)).toEqual(acknowledged);
  expect(rows[0]?.last).toBe(acknowledged.size);
}
