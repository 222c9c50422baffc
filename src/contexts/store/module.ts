import type { Context, ContextDeps, ContextModule } from '../../platform/context.ts';
import type { EventBus } from '../../platform/events/bus.ts';
import { postgresStoreStore } from './adapters/postgres/store-store.ts';
import { STORE_REFUSALS, type StoreService } from './api.ts';
import { deleteStore, setStaff, updateStore } from './application/change-store.ts';
import { createStore as create } from './application/create-store.ts';
import { onUserDeleted, USER_CONSUMER, USER_DELETED } from './application/on-user-deleted.ts';
import { checkStore, getStore, listCounterStores, listOwnStores, listStores } from './application/read-stores.ts';
import { storeEvents } from './application/store-events.ts';
import { STORE_EVENTS } from './events.ts';

export interface StoreOptions {
  /** Called after a commit that wrote events, to wake the relay. */
  readonly onEvents?: () => void;
  /** Absent in tests that publish nothing to it. */
  readonly bus?: EventBus;
}

export const storeContext = {
  name: 'store',
  refusals: STORE_REFUSALS,
  publishes: STORE_EVENTS,
  consumes: () => [USER_DELETED],
  audits: [],
  create: (kit) => createStore(kit, kit),
} as const satisfies Context<ContextDeps & StoreOptions, unknown, ContextModule<StoreService>>;

/** Stores and their staff on PostgreSQL. */
export function createStore(
  { database, clock, nextId }: Pick<ContextDeps, 'database' | 'clock' | 'nextId'>,
  { onEvents = () => {}, bus }: StoreOptions = {},
): ContextModule<StoreService> {
  const store = postgresStoreStore({ database, nextId, eventsOf: storeEvents, onEvents });
  bus?.subscribe(USER_CONSUMER, [USER_DELETED], onUserDeleted(store));
  return {
    api: {
      createStore: create(store, clock, nextId),
      getStore: getStore(store),
      listStores: listStores(store),
      updateStore: updateStore(store),
      deleteStore: deleteStore(store),
      setStaff: setStaff(store),
      checkStore: checkStore(store),
      listOwnStores: listOwnStores(store),
      listCounterStores: listCounterStores(store),
    },
    jobs: [],
    // No timer or queue outlives a request.
    stop: () => Promise.resolve(),
  };
}
