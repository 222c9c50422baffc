import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { testImages } from '../../../../test/support/images.ts';
import { testDatabase } from '../../../../test/support/postgres.ts';
import { openStore } from '../../../../test/support/stores.ts';
import { LOCAL, TRANSPORTS, type Transport } from '../../../../test/support/transports.ts';
import { type Database, type DatabaseOptions, openDatabase } from '../../../platform/postgres/database.ts';
import { STORES_MAX, type StoreResponse, type StoreService } from '../api.ts';
import { createStore, storeContext } from '../module.ts';

let database: Database;
let stores: StoreService;
let close: () => Promise<void>;

async function open(reach: Transport, time: DatabaseOptions['time'] = {}): Promise<void> {
  const home = await testDatabase();
  // As the role that the program works with: what it may not do fails here.
  database = openDatabase({ url: home.programUrl, onError: () => {}, time });
  const { api } = createStore({ images: testImages(), database, clock: Date.now, nextId: countingIds(1_000n) });
  const transport = await reach(await storeContext.contract(), api);
  stores = transport.api;
  close = async () => {
    await transport.close();
    await database.close();
    await home.drop();
  };
}
afterEach(() => close());

const OWNER = { userId: 7n, role: 'OWNER' };
const given = ({ outcome }: StoreResponse) => {
  if (outcome?.$case !== 'store') throw new Error(`refused: ${JSON.stringify(outcome?.value)}`);
  return outcome.value;
};
const codeOf = ({ outcome }: StoreResponse) => (outcome?.$case === 'refusal' ? outcome.value.code : outcome?.$case);
/** Each event in the order of its writing, as topic, version and reason. */
async function events(): Promise<string[]> {
  const { rows } = await database.pool.query<{ payload: string }>('select payload from platform.outbox order by id');
  return rows.flatMap(({ payload }) =>
    (JSON.parse(payload) as { topic: string; common: { version: number; reason?: string } }[]).map(
      ({ topic, common: { version, reason } }) => [topic, version, reason].filter(Boolean).join(' '),
    ),
  );
}
const keyed = (key: string) => ({ commandKey: { scope: 'test', key, requestHash: Buffer.alloc(32) } });

it("a store is changed at the database's time, whatever the node estimates", async () => {
  await open(LOCAL, { estimate: () => 0 });
  const storeId = await openStore(stores, OWNER.userId);
  const { rows } = await database.pool.query<{ now: Date }>('select clock_timestamp() as now');
  const { updatedAt } = given(await stores.updateStore({ principal: OWNER, storeId, name: 'Luna', ...NOTHING }));
  expect(updatedAt?.getTime()).toBeGreaterThanOrEqual(rows[0]?.now.getTime() ?? Number.NaN);
});

it('a look-up of no files finds none', async () => {
  await open(LOCAL);
  const { namedFiles } = createStore({ images: testImages(), database, clock: Date.now, nextId: countingIds(1n) });
  expect(await namedFiles?.([])).toEqual([]);
});

describe.each(TRANSPORTS)('stores %s', (_, reach) => {
  beforeEach(() => open(reach));

  it('a store publishes that it was opened, changed and closed, and nothing when nothing changes', async () => {
    const storeId = await openStore(stores, 7n);
    const change = { principal: OWNER, storeId };
    given(await stores.updateStore({ ...change, name: 'Luna', ...NOTHING }));
    given(await stores.setStaff({ ...change, userId: 8n, isStaff: true }));
    given(await stores.setStaff({ ...change, userId: 8n, isStaff: true }));
    given(await stores.updateStore({ ...change, status: 'OPEN', ...NOTHING }));
    given(await stores.updateStore({ ...change, status: 'CLOSED', ...NOTHING }));
    given(await stores.updateStore({ ...change, status: 'OPEN', ...NOTHING }));
    given(await stores.deleteStore(change));
    expect(await events()).toEqual([
      'store.opened 1',
      'store.changed 2',
      'store.changed 3',
      'store.closed 4 CLOSED',
      'store.opened 5',
      'store.closed 6 DELETED',
    ]);
  });

  it('a store never becomes PENDING again', async () => {
    const storeId = await openStore(stores, 7n);
    const back = await stores.updateStore({ principal: OWNER, storeId, status: 'PENDING', ...NOTHING });
    expect(codeOf(back)).toBe('VALIDATION_FAILED');
  });

  it('concurrent changes of the staff all take effect', async () => {
    const storeId = await openStore(stores, 7n);
    const users = Array.from({ length: 12 }, (_, n) => BigInt(100 + n));
    await Promise.all(users.map((userId) => stores.setStaff({ principal: OWNER, storeId, userId, isStaff: true })));
    await stores.setStaff({ principal: OWNER, storeId, userId: 100n, isStaff: false });
    const store = given(await stores.getStore({ storeId, principal: OWNER }));
    expect([store.staff, store.version]).toEqual([users.slice(1), 14]);
  });

  it('a command has one effect for its key, and a repeat gets the first result, also after a deletion', async () => {
    const storeId = await openStore(stores, 7n);
    const remove = () => stores.deleteStore({ principal: OWNER, storeId, ...keyed('delete') });
    const first = given(await remove());
    const second = await remove();
    expect([given(second).version, second.replayed]).toEqual([first.version, true]);
    const closings = (await events()).filter((event) => event.startsWith('store.closed'));
    expect(closings.length).toBe(1);
  });

  it('the check of a store shows its owner, its staff and its version, and nothing of a deleted store', async () => {
    const storeId = await openStore(stores, 7n);
    given(await stores.setStaff({ principal: OWNER, storeId, userId: 8n, isStaff: true }));
    const { outcome } = await stores.checkStore({ storeId });
    expect(outcome).toEqual({
      $case: 'standing',
      value: { storeId, ownerId: 7n, isOpen: true, version: 2, staff: [8n] },
    });
    given(await stores.deleteStore({ principal: OWNER, storeId }));
    expect((await stores.checkStore({ storeId })).outcome).toMatchObject({ value: { code: 'STORE_NOT_FOUND' } });
    expect(await stores.listOwnStores({ userId: 7n })).toEqual({ storeIds: [] });
  });

  it('lists go on by cursor, newest first, and contain open stores only', async () => {
    const opened: bigint[] = [];
    for (let n = 0; n < 5; n++) opened.unshift(await openStore(stores, BigInt(10 + n)));
    given(
      await stores.updateStore({
        principal: { userId: 11n, role: 'OWNER' },
        storeId: opened[3] ?? 0n,
        status: 'CLOSED',
        ...NOTHING,
      }),
    );
    const seen: bigint[] = [];
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const page = await stores.listStores({ page: { limit: 2, cursor } });
      seen.push(...page.stores.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(opened.filter((_, place) => place !== 3));
  });
});

describe('the number of stores', () => {
  beforeEach(() => open(LOCAL));

  it('an owner has at most 100 stores, however many are created at once, and a deleted one makes room', async () => {
    for (let n = 0; n < STORES_MAX - 2; n++) await openStore(stores, 7n);
    const asked = await Promise.allSettled(Array.from({ length: 6 }, () => openStore(stores, 7n)));
    expect(asked.filter(({ status }) => status === 'fulfilled').length).toBe(2);
    const { storeIds } = await stores.listOwnStores({ userId: 7n });
    expect(storeIds.length).toBe(STORES_MAX);
    const [storeId = 0n] = storeIds;
    given(await stores.deleteStore({ principal: OWNER, storeId }));
    await openStore(stores, 7n);
    await expect(openStore(stores, 7n)).rejects.toThrow('STORE_LIMIT_EXCEEDED');
    await openStore(stores, 8n);
  });
});

/** The wrappers that a change leaves out. */
const NOTHING = { location: undefined, images: undefined, openingHours: undefined };
