import { withEachClient } from '../with-client.ts';
import type { StoredCoupon } from './checks.ts';

/** The coupons of a policy, which may be in any of the databases. */
export const readStored = async (databaseUrls: readonly string[], policyId: string): Promise<readonly StoredCoupon[]> =>
  (
    await withEachClient(databaseUrls, async (client) => {
      const found = await client.query<StoredCoupon>(
        `select id::text as id, user_id::text as "userId", sequence_no::int as "sequenceNo"
         from coupon.coupon_issues where policy_id = $1::bigint`,
        [policyId],
      );
      return found.rows;
    })
  ).flat();
