import pg from 'pg';
import type { StoredCoupon } from './checks.ts';

/** The coupons of a policy, read straight from the database, past everything that was measured. */
export async function readStored(databaseUrl: string, policyId: string): Promise<readonly StoredCoupon[]> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const found = await client.query<StoredCoupon>(
      `select id::text as id, user_id::text as "userId", sequence_no::int as "sequenceNo"
         from coupon.coupon_issues where policy_id = $1::bigint`,
      [policyId],
    );
    return found.rows;
  } finally {
    await client.end();
  }
}
