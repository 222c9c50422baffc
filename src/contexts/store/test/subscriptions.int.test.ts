import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { testImages } from '../../../../test/support/images.ts';
import { testDatabase } from '../../../../test/support/postgres.ts';
import { openStore } from '../../../../test/support/stores.ts';
import { LOCAL, TRANSPORTS, type Transport } from '../../../../test/support/transports.ts';
import type { Delivery, EventBus, Handler } from '../../../platform/events/bus.ts';
import { type Database, openDatabase } from '../../../platform/postgres/database.ts';
import { storeAudits } from '../adapters/postgres/audits/audits.ts';
import type { SetSubscriptionRequest, StoreService, SubscriptionResponse } from '../api.ts';
import { createStore, storeContext } from '../module.ts';

let database: Database;
let stores: StoreService;
let consume: (topic: string, data: object) => Promise<void>;
let forget: () => Promise<number>;
let close: () => Promise<void>;

const NOW = Date.parse('2026-03-01T00:00:00Z');
const LATER = new Date(NOW + 3_600_000);

async function open(reach: Transport): Promise<void> {
  const home = await testDatabase();
  // As the role that the program works with: what it may not do fails here.
  database = openDatabase({ url: home.programUrl, onError: () => {} });
  const handlers = new Map<string, Handler>();
  const bus = {
    subscribe: (_: string, topics: readonly string[], handler: Handler) => {
      for (const topic of topics) handlers.set(topic, handler);
    },
  } as unknown as EventBus;
  const module = createStore(
    { images: testImages(), database, clock: () => NOW, nextId: countingIds(1_000n) },
    { bus },
  );
  consume = async (topic, data) => {
    const delivery = { topic, key: '', event: { data } } as unknown as Delivery;
    await handlers.get(topic)?.([delivery]);
  };
  forget = async () => (await module.jobs[0]?.run(new AbortController().signal)) ?? 0;
  const transport = await reach(await storeContext.contract(), module.api);
  stores = transport.api;
  close = async () => {
    await transport.close();
    await module.stop();
    await database.close();
    await home.drop();
  };
}
afterEach(async () => {
  await expectConsistent();
  await close();
});

async function expectConsistent(): Promise<void> {
  const client = await database.pool.connect();
  for (const audit of storeAudits) expect((await audit.run(client, {})).violations).toEqual([]);
  client.release();
}

const codeOf = ({ outcome }: SubscriptionResponse) =>
  outcome?.$case === 'refusal' ? outcome.value.code : outcome?.$case;
const OWNER = { userId: 7n, role: 'OWNER' };
const NOTHING = { location: undefined, images: undefined, openingHours: undefined };
const ofStore = (storeId: bigint) => ({ $case: 'storeId', value: storeId }) as const;
const ofPolicy = (policyId: bigint, storeId?: bigint, opensAt = LATER) =>
  ({ $case: 'policy', value: { policyId, storeId, name: 'Opening day', opensAt } }) as const;
const set = async (userId: bigint, target: SetSubscriptionRequest['target'], isFollowing = true) =>
  codeOf(await stores.setSubscription({ userId, target, isFollowing }));
const followersOf = async (storeId: bigint) => {
  const { outcome } = await stores.getStore({ storeId, principal: OWNER });
  return outcome?.$case === 'store' ? outcome.value.followers : undefined;
};
const followed = async (userId: bigint, type?: string) => {
  const page = await stores.listSubscriptions({ userId, type, page: { limit: 100, cursor: '' } });
  return page.subscriptions.map(({ target }) =>
    target?.$case === 'store' ? target.value.storeId : target?.value.policyId,
  );
};
const activated = (policyId: bigint, storeId: bigint | null) => ({
  policyId: String(policyId),
  storeId: storeId && String(storeId),
  name: 'Opening day',
  window: { validFrom: LATER.toISOString(), validUntil: LATER.toISOString() },
});

interface Event {
  readonly topic: string;
  readonly common: Readonly<Record<string, unknown>>;
  readonly rows: readonly (readonly unknown[])[];
}
/** One line for each event, in the order of their writing. */
async function events(): Promise<string[]> {
  const { rows } = await database.pool.query<{ payload: string }>('select payload from platform.outbox order by id');
  return rows
    .flatMap(({ payload }) => JSON.parse(payload) as Event[])
    .filter(({ topic }) => /subscribed|coupon_opened/.test(topic))
    .flatMap(({ topic, common, rows: each }) =>
      each.map((row) => [topic, common['policyId'], ...row].filter(Boolean).join(' ')),
    );
}

describe.each(TRANSPORTS)('subscriptions %s', (_, reach) => {
  beforeEach(() => open(reach));

  it('following a store twice and unfollowing it twice has one event each, and its followers are counted', async () => {
    const storeId = await openStore(stores, 7n);
    for (const isFollowing of [true, true, false, false]) {
      expect(await set(9n, ofStore(storeId), isFollowing)).toBe('done');
      expect(await followersOf(storeId)).toBe(isFollowing ? 1 : 0);
    }
    expect(await events()).toEqual([`store.subscribed ${storeId} 9`, `store.unsubscribed ${storeId} 9`]);
  });

  it('followers of a store and of a policy are listed by pages of ascending ids', async () => {
    const storeId = await openStore(stores, 7n);
    await Promise.all([5n, 3n, 9n, 4n].map((userId) => set(userId, ofStore(storeId))));
    await set(6n, ofPolicy(88n, storeId));
    const first = await stores.listFollowers({ target: ofStore(storeId), after: 0n, limit: 3 });
    expect(first).toEqual({ userIds: [3n, 4n, 5n], hasMore: true, followers: 4 });
    const second = await stores.listFollowers({ target: ofStore(storeId), after: 5n, limit: 3 });
    expect(second).toEqual({ userIds: [9n], hasMore: false, followers: 4 });
    const policy = await stores.listFollowers({ target: { $case: 'policyId', value: 88n }, after: 0n, limit: 3 });
    expect(policy).toEqual({ userIds: [6n], hasMore: false, followers: 1 });
  });

  it('a user lists what they follow, the latest first, by pages', async () => {
    const opened = [await openStore(stores, 7n), await openStore(stores, 7n)];
    for (const storeId of opened) await set(9n, ofStore(storeId));
    await set(9n, ofPolicy(88n, opened[0]));
    expect(await followed(9n)).toEqual([88n, opened[1], opened[0]]);
    expect(await followed(9n, 'STORE')).toEqual([opened[1], opened[0]]);
    expect(await followed(9n, 'POLICY')).toEqual([88n]);
    expect(await followed(9n, 'store')).toEqual([]);
    const { nextCursor: cursor = '' } = await stores.listSubscriptions({
      userId: 9n,
      type: undefined,
      page: { limit: 2, cursor: '' },
    });
    const rest = await stores.listSubscriptions({ userId: 9n, type: undefined, page: { limit: 2, cursor } });
    expect(rest.subscriptions.map(({ target }) => target?.value)).toEqual([
      { storeId: opened[0], name: 'Cafe Sol', category: 'CAFE' },
    ]);
    expect(rest.nextCursor).toBeUndefined();
  });
});

describe('subscriptions', () => {
  beforeEach(() => open(LOCAL));

  it('hundreds who follow one store at once, and follow and unfollow it in a race, are counted exactly', async () => {
    const storeId = await openStore(stores, 7n);
    const users = Array.from({ length: 300 }, (_, n) => BigInt(100 + n));
    await Promise.all(users.map((userId) => set(userId, ofStore(storeId))));
    expect(await followersOf(storeId)).toBe(300);
    const race = Array.from({ length: 200 }, (_, n) => set(100n + BigInt(n % 3), ofStore(storeId), n % 2 === 0));
    expect(new Set(await Promise.all(race))).toEqual(new Set(['done']));
    // Each user's events take turns, whatever the order of the batches was.
    for (const userId of [100n, 101n, 102n]) {
      const own = (await events()).filter((event) => event.endsWith(` ${userId}`)).map((event) => event.split(' ')[0]);
      expect(own).toEqual(own.map((_, n) => (n % 2 === 0 ? 'store.subscribed' : 'store.unsubscribed')));
    }
  });

  it('users who follow and unfollow on two nodes at the same time are counted exactly', async () => {
    const storeId = await openStore(stores, 7n);
    const other = createStore({ images: testImages(), database, clock: () => NOW, nextId: countingIds(9_000_000n) });
    const users = Array.from({ length: 50 }, (_, n) => BigInt(100 + n));
    for (let round = 0; round < 10; round++) {
      const isFollowing = round % 2 === 0;
      const target = ofStore(storeId);
      await Promise.all(
        users.flatMap((userId) =>
          [stores, other.api].map((node) => node.setSubscription({ userId, target, isFollowing })),
        ),
      );
      expect(await followersOf(storeId)).toBe(isFollowing ? 50 : 0);
    }
    await other.stop();
  });

  it('only an OPEN store can be followed, and one that closes is no longer listed', async () => {
    const storeId = await openStore(stores, 7n);
    await set(9n, ofStore(storeId));
    const status = (to: string) => stores.updateStore({ principal: OWNER, storeId, status: to, ...NOTHING });
    await status('CLOSED');
    expect([await set(8n, ofStore(storeId)), await set(8n, ofStore(4n))]).toEqual([
      'STORE_NOT_FOUND',
      'STORE_NOT_FOUND',
    ]);
    expect(await followed(9n)).toEqual([]);
    await status('OPEN');
    expect([await followed(9n), await followersOf(storeId)]).toEqual([[storeId], 1]);
    expect(await set(9n, ofStore(4n), false)).toBe('done');
  });

  it('a deleted store loses its followers in batches, without an event for each', async () => {
    const storeId = await openStore(stores, 7n);
    await database.pool.query(`insert into store.subscriptions (type, target_id, user_id, id)
      select 'STORE', ${storeId}, n, n from generate_series(1, 12000) as n`);
    await database.pool.query(`update store.stores set followers = 12000 where id = ${storeId}`);
    expect(await forget()).toBe(0);
    await stores.deleteStore({ principal: OWNER, storeId });
    expect(await forget()).toBe(12_000);
    expect((await stores.listFollowers({ target: ofStore(storeId), after: 0n, limit: 1 })).userIds).toEqual([]);
    expect(await events()).toEqual([]);
  });

  it('a deleted user follows nothing any more', async () => {
    const opened = [await openStore(stores, 7n), await openStore(stores, 7n)];
    for (const storeId of opened) await set(9n, ofStore(storeId));
    await set(9n, ofPolicy(88n));
    await set(8n, ofStore(opened[0] ?? 0n));
    await consume('user.deleted', { userId: '9' });
    expect([await followed(9n), await followed(8n)]).toEqual([[], [opened[0]]]);
  });

  it('a deleted user cannot follow anything, also with a request that is under way', async () => {
    const storeId = await openStore(stores, 7n);
    const requests = Array.from({ length: 40 }, (_, index) => set(9n, ofStore(storeId), index % 2 === 0));
    await Promise.all([consume('user.deleted', { userId: '9' }), ...requests]);
    expect([await followed(9n), await followersOf(storeId)]).toEqual([[], 0]);
    expect([await set(9n, ofStore(storeId)), await set(9n, ofPolicy(88n))]).toEqual([
      'ACCOUNT_DELETED',
      'ACCOUNT_DELETED',
    ]);
    expect(await set(9n, ofStore(storeId), false)).toBe('done');
  });

  it('a deletion waits for a change of subscriptions that read before it', async () => {
    const storeId = await openStore(stores, 7n);
    const locker = await database.pool.connect();
    await locker.query('begin');
    await locker.query('select from store.stores where id = $1 for update', [storeId]);
    // It has the shared lock, and waits for the store.
    const following = set(9n, ofStore(storeId));
    const waits = async (event: string) => {
      const { rows } = await database.pool.query<{ n: number }>(
        `select count(*)::int as n from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock' and wait_event = $1`,
        [event],
      );
      return rows[0]?.n;
    };
    await vi.waitFor(async () => expect(await waits('transactionid')).toBe(1), { timeout: 60_000 });
    const deletion = consume('user.deleted', { userId: '9' });
    await vi.waitFor(async () => expect(await waits('advisory')).toBe(1), { timeout: 60_000 });
    await locker.query('commit');
    locker.release();
    await Promise.all([following, deletion]);
    expect([await followed(9n), await followersOf(storeId)]).toEqual([[], 0]);
  });

  it('a policy can be followed until its window begins, and its followers go when it has ended', async () => {
    expect(await set(9n, ofPolicy(88n, undefined, new Date(NOW)))).toBe('POLICY_ALREADY_OPEN');
    expect(await set(9n, ofPolicy(88n))).toBe('done');
    await consume('coupon-policy.ended', activated(88n, null));
    expect(await followed(9n)).toEqual([]);
    expect(await set(8n, ofPolicy(88n))).toBe('POLICY_ALREADY_OPEN');
    expect(await forget()).toBe(1);
  });

  it('openings that are followed are found by the time to which they were moved, unless suspended or ended', async () => {
    for (const policyId of [81n, 82n, 83n, 84n]) await set(9n, ofPolicy(policyId, 5n));
    await set(9n, ofPolicy(84n), false);
    const sooner = new Date(NOW + 600_000);
    await consume('coupon-policy.changed', {
      ...activated(81n, 5n),
      name: 'Moved',
      window: { validFrom: sooner.toISOString(), validUntil: LATER.toISOString() },
    });
    const { window: _, ...ofEarlierVersion } = activated(82n, 5n);
    await consume('coupon-policy.changed', ofEarlierVersion);
    const between = async (from: Date, to: Date) =>
      (await stores.listFollowedOpenings({ from, to })).policies.map(({ policyId }) => policyId);
    expect((await stores.listFollowedOpenings({ from: sooner, to: LATER })).policies).toEqual([
      { policyId: 81n, storeId: 5n, name: 'Moved', opensAt: sooner },
    ]);
    const after = new Date(LATER.getTime() + 1);
    expect(await between(LATER, after)).toEqual([82n, 83n]);
    await consume('coupon-policy.suspended', { policyId: '82', storeId: null, name: '' });
    await consume('coupon-policy.ended', activated(83n, null));
    expect(await between(LATER, after)).toEqual([]);
    await consume('coupon-policy.resumed', { policyId: '82', storeId: null, name: '' });
    expect(await between(LATER, after)).toEqual([82n]);
  });

  it('a policy is announced to the followers of its store once, when it is active for the first time', async () => {
    const [storeId, lonely] = [await openStore(stores, 7n), await openStore(stores, 7n)];
    await set(9n, ofStore(storeId));
    await consume('coupon-policy.activated', activated(80n, lonely));
    await consume('coupon-policy.activated', activated(81n, null));
    for (let time = 0; time < 3; time++) await consume('coupon-policy.activated', activated(82n, storeId));
    await consume('coupon-policy.activated', activated(80n, lonely));
    const closed = await openStore(stores, 7n);
    await set(9n, ofStore(closed));
    await database.pool.query(`update store.stores set status = 'CLOSED' where id = $1`, [closed]);
    await consume('coupon-policy.activated', activated(83n, closed));
    expect((await events()).filter((event) => event.startsWith('store.coupon_opened'))).toEqual([
      // Of a store without followers, too: some may come before the policy opens.
      'store.coupon_opened 80',
      'store.coupon_opened 82',
    ]);
  });
});
