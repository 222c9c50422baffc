import type { Database } from '../../../../../platform/postgres/database.ts';
import type { PolicyPlace } from '../../../api.ts';
import type { PolicyPlaceReader } from '../../../application/directory/ports.ts';

const ALL = `
  select policy_id as "policyId", shard, moves, case when not is_settled then from_shard end as "fromShard" from coupon.policy_places`;

export const postgresPlaceReader = ({ pool }: Pick<Database, 'pool'>): PolicyPlaceReader => ({
  async all() {
    const { rows } = await pool.query<Omit<PolicyPlace, 'fromShard'> & { fromShard: number | null }>(ALL);
    return rows.map(({ fromShard, ...row }) => ({ ...row, fromShard: fromShard ?? undefined }));
  },
});
