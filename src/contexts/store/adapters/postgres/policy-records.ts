import { INSERT_OUTBOX, type OutboxBatch, outboxValues } from '../../../../platform/events/outbox.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import type { ForgottenTargets, PolicyRecords } from '../../application/subscriptions/ports.ts';
import type { FollowedPolicy, SubscriptionType } from '../../domain/subscription.ts';

export interface PolicyRecordsDeps {
  readonly database: Pick<Database, 'pool'>;
  readonly nextId: IdSource;
  readonly openedEvent: (policy: FollowedPolicy, storeName: string) => OutboxBatch;
  readonly onEvents: () => void;
}

// Once for a policy, whatever becomes active again later.
const OPENED = 'insert into store.opened_policies (policy_id) values ($1) on conflict do nothing';
const OPEN_STORE = `select name from store.stores where id = $1 and status = 'OPEN'`;
const CHANGED = `
  update store.followed_policies set name = $2, opens_at = coalesce($3, opens_at) where policy_id = $1`;
const SUSPENDED = 'update store.followed_policies set is_suspended = $2 where policy_id = $1';
const ENDED = 'update store.followed_policies set has_ended = true where policy_id = $1';

export const postgresPolicyRecords = ({
  database: { pool },
  nextId,
  openedEvent,
  onEvents,
}: PolicyRecordsDeps): PolicyRecords => ({
  activated: (policy) =>
    inTransaction(pool, async (client) => {
      if (policy.storeId === null) return;
      if ((await client.query(OPENED, [policy.policyId])).rowCount === 0) return;
      const { rows } = await client.query<{ name: string }>(OPEN_STORE, [policy.storeId]);
      const [store] = rows;
      if (store) await client.query(INSERT_OUTBOX, outboxValues(nextId(), [openedEvent(policy, store.name)]));
    }).finally(onEvents),
  async changed({ policyId, name, opensAt }) {
    await pool.query(CHANGED, [policyId, name, opensAt ?? null]);
  },
  async suspended(policyId, isSuspended) {
    await pool.query(SUSPENDED, [policyId, isSuspended]);
  },
  async ended(policyId) {
    await pool.query(ENDED, [policyId]);
  },
});

const NEXT = `
  (select 'STORE' as type, id as "targetId" from store.stores where deleted_at is not null and followers > 0 limit 1)
  union all
  (select 'POLICY', policy_id from store.followed_policies where has_ended and followers > 0 limit 1)
  limit 1`;
const REMOVE = `
  delete from store.subscriptions where type = $1 and target_id = $2 and user_id = any(array(
    select user_id from store.subscriptions where type = $1 and target_id = $2 order by user_id limit $3))`;
const LOCK: Readonly<Record<SubscriptionType, string>> = {
  STORE: 'select from store.stores where id = $1 for no key update',
  POLICY: 'select from store.followed_policies where policy_id = $1 for no key update',
};
const COUNT: Readonly<Record<SubscriptionType, string>> = {
  STORE: 'update store.stores set followers = followers - $2 where id = $1',
  POLICY: 'update store.followed_policies set followers = followers - $2 where policy_id = $1',
};

export const postgresForgottenTargets = ({ pool }: Pick<Database, 'pool'>): ForgottenTargets => ({
  next: async () => (await pool.query<{ type: SubscriptionType; targetId: bigint }>(NEXT)).rows[0],
  removeFollowers: ({ type, targetId }, limit) =>
    inTransaction(pool, async (client) => {
      await client.query(LOCK[type], [targetId]);
      const { rowCount } = await client.query(REMOVE, [type, targetId, limit]);
      await client.query(COUNT[type], [targetId, rowCount ?? 0]);
      return rowCount ?? 0;
    }),
});
