import type { Registry } from 'prom-client';
import { AUDIT_TOPIC } from '../../platform/audit/audit-topic.ts';
import { BATCH_MAX } from '../../platform/batching/batcher.ts';
import { batcherMetrics } from '../../platform/batching/batcher-observer.ts';
import type { Context, ContextDeps, ContextModule } from '../../platform/context.ts';
import type { EventBus } from '../../platform/events/bus.ts';
import type { Images } from '../../platform/files/images.ts';
import { classifyFailure } from '../../platform/postgres/batch-transaction.ts';
import { storeAudits } from './adapters/postgres/audits/audits.ts';
import { postgresDeletedUsers } from './adapters/postgres/deleted-users.ts';
import { postgresForgottenTargets, postgresPolicyRecords } from './adapters/postgres/policy-records.ts';
import { postgresStoreStore } from './adapters/postgres/store-store.ts';
import { postgresSubscriptionReader } from './adapters/postgres/subscription-reader.ts';
import { postgresSubscriptionStore } from './adapters/postgres/subscription-store.ts';
import { STORE_REFUSALS, type StoreService } from './api.ts';
import { addStoreImage, deleteStore, removeStoreImage, setStaff, updateStore } from './application/change-store.ts';
import { createStore as create } from './application/create-store.ts';
import { onUserDeleted, USER_CONSUMER, USER_DELETED } from './application/on-user-deleted.ts';
import { checkStore, getStore, listCounterStores, listOwnStores, listStores } from './application/read-stores.ts';
import { storeEvents } from './application/store-events.ts';
import { forgetFollowers } from './application/subscriptions/forget-followers.ts';
import { onPolicy, POLICY_CONSUMER, POLICY_TOPICS } from './application/subscriptions/on-policy.ts';
import {
  listFollowedOpenings,
  listFollowers,
  listSubscriptions,
} from './application/subscriptions/read-subscriptions.ts';
import { setSubscription } from './application/subscriptions/set-subscription.ts';
import { subscriptionBatcher } from './application/subscriptions/subscription-batcher.ts';
import { couponOpenedEvent, subscriptionEvents } from './application/subscriptions/subscription-events.ts';
import { unfollowAll } from './application/subscriptions/unfollow-all.ts';
import { withoutOrphans } from './application/without-orphans.ts';
import { STORE_EVENTS } from './events.ts';

export interface StoreDeps extends Pick<ContextDeps, 'database' | 'clock' | 'nextId'> {
  readonly images: Images;
}

export interface StoreOptions {
  /** Called after a commit that wrote events, to wake the relay. */
  readonly onEvents?: () => void;
  /** Absent in tests that publish nothing to it. */
  readonly bus?: EventBus;
  /** Absent in tests that read no metrics. */
  readonly metrics?: Registry;
}

/** The topics of each consumer group. */
const SUBSCRIPTIONS = { [USER_CONSUMER]: [USER_DELETED], [POLICY_CONSUMER]: POLICY_TOPICS } as const;

export const storeContext = {
  name: 'store',
  schema: 'store',
  keepsFiles: true,
  contract: async () => (await import('../../gen/wire/stampede/store/v1/store.ts')).StoreServiceDefinition,
  refusals: STORE_REFUSALS,
  publishes: STORE_EVENTS,
  alsoPublishes: [AUDIT_TOPIC],
  consumes: () => Object.values(SUBSCRIPTIONS).flat(),
  audits: storeAudits,
  create: (kit) => createStore(kit, kit),
} as const satisfies Context<ContextDeps & StoreDeps & StoreOptions, unknown, ContextModule<StoreService>>;

/** Stores, their staff and their followers on PostgreSQL. */
export function createStore(
  { database, clock, nextId, images }: StoreDeps,
  { onEvents = () => {}, bus, metrics }: StoreOptions = {},
): ContextModule<StoreService> {
  const rows = postgresStoreStore({ database, nextId, eventsOf: storeEvents, onEvents });
  const store = { ...rows, change: withoutOrphans(rows, images) };
  const reader = postgresSubscriptionReader(database);
  const batcher = subscriptionBatcher({
    storeFor: (name, concurrency) =>
      postgresSubscriptionStore({
        database: database.forBatcher(name, concurrency),
        nextId,
        eventsOf: subscriptionEvents,
        onEvents,
      }),
    nextId,
    classify: classifyFailure,
    batchMax: BATCH_MAX,
    ...(metrics && { observer: batcherMetrics(metrics) }),
  });
  const policies = postgresPolicyRecords({ database, nextId, openedEvent: couponOpenedEvent, onEvents });
  bus?.subscribe(
    USER_CONSUMER,
    SUBSCRIPTIONS[USER_CONSUMER],
    onUserDeleted(store, postgresDeletedUsers(database), unfollowAll(reader, batcher)),
  );
  bus?.subscribe(POLICY_CONSUMER, SUBSCRIPTIONS[POLICY_CONSUMER], onPolicy(policies));
  return {
    api: {
      createStore: create(store, clock, nextId),
      getStore: getStore(store),
      listStores: listStores(store),
      updateStore: updateStore(store),
      deleteStore: deleteStore(store),
      setStaff: setStaff(store),
      addStoreImage: addStoreImage(store, images),
      removeStoreImage: removeStoreImage(store),
      checkStore: checkStore(store),
      listOwnStores: listOwnStores(store),
      listCounterStores: listCounterStores(store),
      setSubscription: setSubscription(batcher, clock),
      listSubscriptions: listSubscriptions(reader),
      listFollowers: listFollowers(reader),
      listFollowedOpenings: listFollowedOpenings(reader),
    },
    jobs: [forgetFollowers(postgresForgottenTargets(database))],
    namedFiles: store.namedFiles,
    stop: () => batcher.stop(),
  };
}
