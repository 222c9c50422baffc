import type { Database } from '../../../../../platform/postgres/database.ts';
import type { HolderReader } from '../../../application/queries/ports.ts';

const BETWEEN = `
  select user_id as "userId" from coupon.coupon_issues
  where policy_id = $1 and sequence_no > $2 and sequence_no <= $3 and status <> 'CANCELLED' order by sequence_no`;
const ISSUED = 'select last_sequence_no as issued from coupon.coupon_policies where id = $1';

export const postgresHolderReader = ({ pool }: Pick<Database, 'pool'>): HolderReader => ({
  async between(policyId, after, to) {
    const [holders, policy] = await Promise.all([
      pool.query<{ userId: bigint }>(BETWEEN, [policyId, after, to]),
      pool.query<{ issued: number }>(ISSUED, [policyId]),
    ]);
    return { userIds: holders.rows.map(({ userId }) => userId), issued: policy.rows[0]?.issued ?? 0 };
  },
});
