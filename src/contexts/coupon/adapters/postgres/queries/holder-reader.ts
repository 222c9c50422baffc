import type { Database } from '../../../../../platform/postgres/database.ts';
import type { HolderReader } from '../../../application/queries/ports.ts';

/** One statement, so that the number belongs to the holders: of a later one a page would seem full that misses the latest holders. */
const BETWEEN = `
  select p.last_sequence_no as issued, i.user_id as "userId"
  from coupon.coupon_policies as p left join coupon.coupon_issues as i
    on i.policy_id = p.id and i.sequence_no > $2 and i.sequence_no <= $3 and i.status <> 'CANCELLED'
  where p.id = $1 order by i.sequence_no`;

export const postgresHolderReader = ({ pool }: Pick<Database, 'pool'>): HolderReader => ({
  async between(policyId, after, to) {
    const { rows } = await pool.query<{ issued: number; userId: bigint | null }>(BETWEEN, [policyId, after, to]);
    return { userIds: rows.flatMap(({ userId }) => userId ?? []), issued: rows[0]?.issued ?? 0 };
  },
});
