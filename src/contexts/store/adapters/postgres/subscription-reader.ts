import type { Database } from '../../../../platform/postgres/database.ts';
import type {
  ListedSubscription,
  SubscriptionReader,
  SubscriptionTarget,
} from '../../application/subscriptions/ports.ts';
import type { FollowedPolicy, Subscription } from '../../domain/subscription.ts';

const LIST = `
  select s.id, s.type, s.target_id as "targetId", coalesce(t.name, p.name) as name, t.category,
    p.store_id as "storeId", p.opens_at as "opensAt"
  from store.subscriptions as s
  left join store.stores as t on s.type = 'STORE' and t.id = s.target_id and t.status = 'OPEN'
  left join store.followed_policies as p on s.type = 'POLICY' and p.policy_id = s.target_id and not p.has_ended
  where s.user_id = $1 and ($2::text is null or s.type = $2) and ($3::bigint is null or s.id < $3)
    and (t.id is not null or p.policy_id is not null)
  order by s.id desc limit $4`;
const ALL = `
  select type, target_id as "targetId", user_id as "userId", id from store.subscriptions
  where user_id = $1 and id > $2 order by id limit $3`;
const FOLLOWERS = `
  select user_id as "userId" from store.subscriptions
  where type = $1 and target_id = $2 and user_id > $3 order by user_id limit $4`;
const COUNT = {
  STORE: 'select followers from store.stores where id = $1',
  POLICY: 'select followers from store.followed_policies where policy_id = $1',
};
const OPENINGS = `
  select policy_id as "policyId", store_id as "storeId", name, opens_at as "opensAt" from store.followed_policies
  where opens_at >= $1 and opens_at < $2 and followers > 0 and not is_suspended and not has_ended
  order by opens_at limit $3`;

interface ListedRow {
  readonly id: bigint;
  readonly type: SubscriptionTarget['type'];
  readonly targetId: bigint;
  readonly name: string;
  readonly category: string;
  readonly storeId: bigint | null;
  readonly opensAt: Date;
}

export const postgresSubscriptionReader = ({ pool }: Pick<Database, 'pool'>): SubscriptionReader => ({
  async listOf({ userId, type, before, limit }) {
    const { rows } = await pool.query<ListedRow>(LIST, [userId, type ?? null, before ?? null, limit]);
    return rows.map(toListed);
  },
  allOf: async (userId, after, limit) => (await pool.query<Subscription>(ALL, [userId, after, limit])).rows,
  async followersOf({ type, targetId }, after, limit) {
    const [page, count] = await Promise.all([
      pool.query<{ userId: bigint }>(FOLLOWERS, [type, targetId, after, limit]),
      pool.query<{ followers: number }>(COUNT[type], [targetId]),
    ]);
    return { userIds: page.rows.map(({ userId }) => userId), followers: count.rows[0]?.followers ?? 0 };
  },
  openings: async (from, to, limit) => (await pool.query<FollowedPolicy>(OPENINGS, [from, to, limit])).rows,
});

function toListed({ id, type, targetId, name, category, storeId, opensAt }: ListedRow): ListedSubscription {
  if (type === 'STORE') return { id, target: { type, storeId: targetId, name, category } };
  return { id, target: { type, policyId: targetId, storeId, name, opensAt } };
}
