import { type PostgresBatchDeps, postgresBatches } from '../../../../platform/batching/postgres-batches.ts';
import type { Statement } from '../../../../platform/postgres/statement.ts';
import type { SubscriptionStore } from '../../application/subscriptions/ports.ts';
import {
  followerChanges,
  type Subscription,
  type SubscriptionCommand,
  type SubscriptionDecision,
  type SubscriptionSnapshot,
  type SubscriptionType,
  subscriptionKey,
  targetKey,
} from '../../domain/subscription.ts';
import { ACCOUNTS_LOCK } from './deleted-users.ts';

type Load = 'accounts' | 'new policies' | 'stores' | 'policies' | 'deleted users' | 'subscriptions';

// Batches share it; the deletion of a user, in deleted-users.ts, waits for those that read before it.
const SHARE_ACCOUNTS = `select pg_advisory_xact_lock_shared(${ACCOUNTS_LOCK})`;
const READ_DELETED = `select user_id as "userId" from store.deleted_users where user_id = any($1::bigint[])`;

// The first follower of a policy makes its row, which is locked in the next statement, whoever wrote it.
const INSERT_POLICIES = `
  insert into store.followed_policies (policy_id, store_id, name, opens_at)
  select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::timestamptz[]) as new(policy_id, store_id, name, opens_at)
  order by 1 on conflict do nothing`;
const LOCK_STORES = `
  select id as "targetId", status = 'OPEN' as "canBeFollowed" from store.stores where id = any($1::bigint[])
  order by id for no key update`;
const LOCK_POLICIES = `
  select policy_id as "targetId", not has_ended as "canBeFollowed" from store.followed_policies
  where policy_id = any($1::bigint[]) order by policy_id for no key update`;
// One look-up by the key for each command. The range with its order can only use the key: with an equality the planner may read everything that a
// user follows instead, which has no limit.
const READ = `
  select s.type, s.target_id as "targetId", s.user_id as "userId", s.id
  from unnest($1::text[], $2::bigint[], $3::bigint[]) as asked(type, target_id, user_id) cross join lateral (
    select * from store.subscriptions as s
    where s.type = asked.type and s.target_id >= asked.target_id and s.target_id <= asked.target_id and s.user_id = asked.user_id
    order by s.target_id limit 1) as s`;

const DELETE = `
  delete from store.subscriptions as s using unnest($1::bigint[], $2::bigint[]) as old(user_id, id)
  where s.user_id = old.user_id and s.id = old.id`;
const INSERT = `
  insert into store.subscriptions (type, target_id, user_id, id)
  select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])`;
const COUNT: Readonly<Record<SubscriptionType, string>> = {
  STORE: `
    update store.stores as t set followers = t.followers + c.change
    from unnest($1::bigint[], $2::int[]) as c(id, change) where t.id = c.id`,
  POLICY: `
    update store.followed_policies as t set followers = t.followers + c.change
    from unnest($1::bigint[], $2::int[]) as c(id, change) where t.policy_id = c.id`,
};

/** What users follow, on PostgreSQL. */
export const postgresSubscriptionStore = (
  deps: PostgresBatchDeps<SubscriptionDecision, SubscriptionSnapshot>,
): SubscriptionStore => ({
  changeBatch: postgresBatches<Load, SubscriptionCommand, SubscriptionSnapshot, SubscriptionDecision>(deps, {
    load,
    toSnapshot(rowsOf) {
      type Target = Pick<Subscription, 'targetId'> & { readonly canBeFollowed: boolean };
      const targets = (load: Load, type: SubscriptionType) =>
        rowsOf<Target>(load).map(
          ({ targetId, canBeFollowed }) => [targetKey({ type, targetId }), canBeFollowed] as const,
        );
      return {
        deletedUsers: new Set(rowsOf<{ userId: bigint }>('deleted users').map(({ userId }) => userId)),
        canBeFollowed: new Map([...targets('stores', 'STORE'), ...targets('policies', 'POLICY')]),
        subscriptions: new Map(rowsOf<Subscription>('subscriptions').map((row) => [subscriptionKey(row), row])),
      };
    },
    write,
    // A batch is a state that its users ask for: where it was committed, deciding it again changes nothing. The locks wait for the lost session.
    wasCommitted: async () => false,
  }),
});

function load(commands: readonly SubscriptionCommand[]): ReadonlyMap<Load, Statement> {
  const policies = commands.flatMap(({ policy }) => policy ?? []);
  const ids = (type: SubscriptionType) => [
    ...new Set(commands.filter((command) => command.type === type).map(({ targetId }) => String(targetId))),
  ];
  const loads = new Map<Load, Statement>([
    ['accounts', { name: 'followers-accounts', text: SHARE_ACCOUNTS, values: [] }],
  ]);
  if (policies.length > 0) {
    const values = [
      policies.map(({ policyId }) => String(policyId)),
      policies.map(({ storeId }) => (storeId === null ? null : String(storeId))),
      policies.map(({ name }) => name),
      policies.map(({ opensAt }) => opensAt.toISOString()),
    ];
    loads.set('new policies', { name: 'followed-policies-insert', text: INSERT_POLICIES, values });
  }
  loads.set('stores', { name: 'followed-stores-lock', text: LOCK_STORES, values: [ids('STORE')] });
  loads.set('policies', { name: 'followed-policies-lock', text: LOCK_POLICIES, values: [ids('POLICY')] });
  const userIds = [...new Set(commands.map(({ userId }) => String(userId)))];
  loads.set('deleted users', { name: 'followers-deleted', text: READ_DELETED, values: [userIds] });
  loads.set('subscriptions', { name: 'subscriptions-read', text: READ, values: keys(commands) });
  return loads;
}

function write(decision: SubscriptionDecision): readonly Statement[] {
  const { added, removed } = decision;
  const changes = followerChanges(decision);
  const counts = (['STORE', 'POLICY'] as const).flatMap((type) => {
    const own = changes.filter((each) => each.type === type);
    if (own.length === 0) return [];
    const values = [own.map(({ targetId }) => String(targetId)), own.map(({ change }) => change)];
    return [{ name: `followers-count-${type}`, text: COUNT[type], values }];
  });
  const old = [removed.map(({ userId }) => String(userId)), removed.map(({ id }) => String(id))];
  return [
    ...(removed.length === 0 ? [] : [{ name: 'subscriptions-delete', text: DELETE, values: old }]),
    ...(added.length === 0
      ? []
      : [{ name: 'subscriptions-insert', text: INSERT, values: [...keys(added), added.map(({ id }) => String(id))] }]),
    ...counts,
  ];
}

const keys = (of: readonly Omit<Subscription, 'id'>[]) => [
  of.map(({ type }) => type),
  of.map(({ targetId }) => String(targetId)),
  of.map(({ userId }) => String(userId)),
];
