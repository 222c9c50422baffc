import type { OutboxBatch, OutboxBatchOf } from '../../../../platform/events/outbox.ts';
import type { FollowedPolicy, SubscriptionDecision } from '../../domain/subscription.ts';
import type { StoreEvents } from '../../events.ts';

type Of<
  Topic extends keyof StoreEvents,
  Columns extends readonly (string & keyof StoreEvents[Topic])[],
> = OutboxBatchOf<StoreEvents, Topic, Columns>;
type StoreTopic = 'store.subscribed' | 'store.unsubscribed';
type PolicyTopic = 'coupon-policy.subscribed' | 'coupon-policy.unsubscribed';

const SOURCE = 'store';

/** The events of a batch, in the order of its changes for each follower. */
export function subscriptionEvents({ changes }: SubscriptionDecision): OutboxBatch[] {
  const ofStores = changes.filter(({ type }) => type === 'STORE');
  const ofPolicies = changes.filter(({ type }) => type === 'POLICY');
  return [
    ...runs(ofStores).map(
      ({ isFollowing, rows }): Of<StoreTopic, readonly ['storeId', 'userId']> => ({
        topic: isFollowing ? 'store.subscribed' : 'store.unsubscribed',
        source: SOURCE,
        keyField: 'storeId',
        common: {},
        columns: ['storeId', 'userId'],
        rows,
      }),
    ),
    ...runs(ofPolicies).map(
      ({ isFollowing, rows }): Of<PolicyTopic, readonly ['policyId', 'userId']> => ({
        topic: isFollowing ? 'coupon-policy.subscribed' : 'coupon-policy.unsubscribed',
        source: SOURCE,
        keyField: 'policyId',
        common: {},
        columns: ['policyId', 'userId'],
        rows,
      }),
    ),
  ];
}

interface Run {
  readonly isFollowing: boolean;
  readonly rows: [targetId: string, userId: string][];
}

/** Changes of one direction that follow each other share a topic, so that a user who does both in one batch has both events in order. */
function runs(changes: SubscriptionDecision['changes']): readonly Run[] {
  const made: Run[] = [];
  for (const { targetId, userId, isFollowing } of changes) {
    const last = made.at(-1);
    const row: Run['rows'][number] = [String(targetId), String(userId)];
    if (last?.isFollowing === isFollowing) last.rows.push(row);
    else made.push({ isFollowing, rows: [row] });
  }
  return made;
}

/** The event of a policy of a store with followers that was activated for the first time. */
export function couponOpenedEvent(
  { policyId, storeId, name, opensAt }: FollowedPolicy,
  storeName: string,
): OutboxBatch {
  const common = {
    storeId: String(storeId),
    storeName,
    policyId: String(policyId),
    name,
    opensAt: opensAt.toISOString(),
  };
  const batch: Of<'store.coupon_opened', readonly []> = {
    topic: 'store.coupon_opened',
    source: SOURCE,
    keyField: 'storeId',
    common,
    columns: [],
    rows: [[]],
  };
  return batch;
}
