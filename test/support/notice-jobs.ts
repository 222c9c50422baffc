import { postgresJobStore } from '../../src/contexts/notification/adapters/postgres/jobs/job-store.ts';
import { postgresTestNotices } from '../../src/contexts/notification/adapters/postgres/jobs/test-notices.ts';
import { jobService } from '../../src/contexts/notification/application/jobs/job-service.ts';
import type { Coupons } from '../../src/contexts/notification/application/jobs/ports.ts';
import { postgresSubscriptionReader } from '../../src/contexts/store/adapters/postgres/subscription-reader.ts';
import {
  listFollowedOpenings,
  listFollowers,
} from '../../src/contexts/store/application/subscriptions/read-subscriptions.ts';
import { classifyFailure } from '../../src/platform/postgres/batch-transaction.ts';
import { type DatabaseOptions, openDatabase } from '../../src/platform/postgres/database.ts';
import { collectingJobLog } from './outages.ts';

/** Every policy exists and is open, and nobody holds a coupon of it. */
const OPEN_POLICIES: Coupons = {
  getPolicy: async () => ({
    outcome: { $case: 'policy', value: { status: 'ACTIVE', terms: { validFrom: new Date(0) } } },
  }),
  listHolders: async () => ({ userIds: [], next: 0, hasMore: false, issued: 0 }),
};

/** The store of the tests and its owner. */
export const STORE_ID = 77n;
export const OWNER_ID = 7n;
const storesOf = (ownerId: bigint, storeId: bigint, isOpen: () => boolean) => ({
  checkStore: async () => ({
    outcome: { $case: 'standing' as const, value: { storeId, ownerId, isOpen: isOpen(), version: 1, staff: [] } },
  }),
  getStore: async () => ({ outcome: { $case: 'store' as const, value: { name: 'Cafe Sol' } } }),
  listOwnStores: async ({ userId }: { readonly userId: bigint }) => ({ storeIds: userId === ownerId ? [storeId] : [] }),
  listCounterStores: async () => ({ storeIds: [] }),
});

interface NoticeJobsOptions {
  readonly coupons?: Partial<Coupons>;
  readonly clock?: () => number;
  /** Is the store open? */
  readonly isOpen?: () => boolean;
  /** Ids of no user. */
  readonly unknown?: ReadonlySet<bigint>;
  /** Of this node's estimate of the database's time. */
  readonly time?: DatabaseOptions['time'];
  /** Ids of users who are locked. */
  readonly locked?: ReadonlySet<bigint>;
}

/** A node that runs jobs of notices on connections of its own, with ids from `firstId` up, with followers from the same database. It runs at once. */
export function noticeJobsOver(
  url: string,
  firstId: bigint,
  {
    coupons = {},
    clock = Date.now,
    time = {},
    isOpen = () => true,
    unknown = new Set(),
    locked = new Set(),
  }: NoticeJobsOptions = {},
) {
  const database = openDatabase({ url, onError: () => {}, time });
  let next = firstId;
  const nextId = () => next++;
  const reader = postgresSubscriptionReader(database);
  const errors: unknown[] = [];
  const signalled: bigint[] = [];
  const store = postgresJobStore({ database, nextId });
  const service = jobService({
    store,
    tests: postgresTestNotices({ database, nextId }),
    stores: {
      ...storesOf(OWNER_ID, STORE_ID, isOpen),
      listFollowers: listFollowers(reader),
      listFollowedOpenings: listFollowedOpenings(reader),
    },
    accounts: {
      getContacts: async ({ userIds }) => ({
        contacts: userIds.filter((id) => !unknown.has(id) && !locked.has(id)).map((userId) => ({ userId })),
        unknownUserIds: userIds.filter((id) => unknown.has(id)),
      }),
    },
    coupons: { ...OPEN_POLICIES, ...coupons },
    clock,
    now: clock,
    nextId,
    signal: { notify: (userIds) => void signalled.push(...userIds) },
    // As fast as it can: a busy machine would make it wait.
    pace: { run: (_, work) => work() },
    openingReminderMinutes: 10,
    onWritten: () => {},
    classify: classifyFailure,
    log: collectingJobLog(errors),
  });
  return {
    ...service,
    store,
    database,
    errors,
    /** Whose inboxes were said to have changed. */
    signalled,
    /** It runs no more of them, and can be asked all the same. */
    stopJobs: service.stop,
    async stop() {
      await service.stop();
      await database.close();
    },
  };
}
