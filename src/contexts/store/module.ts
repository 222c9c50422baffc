import { AUDIT_TOPIC } from '../../platform/audit/audit-topic.ts';
import type { Context, ContextDeps, ContextModule } from '../../platform/context.ts';
import type { EventBus } from '../../platform/events/bus.ts';
import type { Images } from '../../platform/files/images.ts';
import { postgresStoreStore } from './adapters/postgres/store-store.ts';
import { STORE_REFUSALS, type StoreService } from './api.ts';
import { addStoreImage, deleteStore, removeStoreImage, setStaff, updateStore } from './application/change-store.ts';
import { createStore as create } from './application/create-store.ts';
import { onUserDeleted, USER_CONSUMER, USER_DELETED } from './application/on-user-deleted.ts';
import { checkStore, getStore, listCounterStores, listOwnStores, listStores } from './application/read-stores.ts';
import { storeEvents } from './application/store-events.ts';
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
}

export const storeContext = {
  name: 'store',
  schema: 'store',
  contract: async () => (await import('../../gen/wire/stampede/store/v1/store.ts')).StoreServiceDefinition,
  refusals: STORE_REFUSALS,
  publishes: STORE_EVENTS,
  alsoPublishes: [AUDIT_TOPIC],
  consumes: () => [USER_DELETED],
  audits: [],
  create: (kit) => createStore(kit, kit),
} as const satisfies Context<ContextDeps & StoreDeps & StoreOptions, unknown, ContextModule<StoreService>>;

/** Stores and their staff on PostgreSQL. */
export function createStore(
  { database, clock, nextId, images }: StoreDeps,
  { onEvents = () => {}, bus }: StoreOptions = {},
): ContextModule<StoreService> {
  const rows = postgresStoreStore({ database, nextId, eventsOf: storeEvents, onEvents });
  const store = { ...rows, change: withoutOrphans(rows, images) };
  bus?.subscribe(USER_CONSUMER, [USER_DELETED], onUserDeleted(store));
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
    },
    jobs: [],
    namedFiles: store.namedFiles,
    // No timer or queue outlives a request.
    stop: () => Promise.resolve(),
  };
}
