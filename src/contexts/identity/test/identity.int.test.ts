import { describe, expect, test } from 'vitest';
import { testDatabase } from '../../../../test/support/postgres.ts';
import { FAULTY_TRANSPORTS, LOCAL, SOUND_TRANSPORTS } from '../../../../test/support/transports.ts';
import { openDatabase } from '../../../platform/postgres/database.ts';
import { postgresIdentityStore } from '../adapters/postgres/identity-store.ts';
import { identityServiceSuite } from './identity-service-suite.ts';
import { identityStoreSuite, type OpenStore } from './identity-store-suite.ts';
import { memoryIdentityStore } from './memory/identity-store.ts';

interface Batch {
  readonly topic: string;
  readonly common: { readonly userId: string };
}

async function onPostgres(): Promise<OpenStore> {
  const { url, drop } = await testDatabase();
  // Dropping the database may end a connection that is just closing; whatever else breaks fails a query of the test.
  const database = openDatabase({ url, onError: () => undefined });
  let announced = 0;
  return {
    store: postgresIdentityStore(database.pool, () => {
      announced += 1;
    }),
    async signedUp() {
      const { rows } = await database.pool.query<{ payload: string }>('select payload from platform.outbox');
      const batches = rows.flatMap(({ payload }) => JSON.parse(payload) as Batch[]);
      expect(announced).toBe(batches.length);
      return batches.filter(({ topic }) => topic === 'user.signed_up').map(({ common }) => BigInt(common.userId));
    },
    async close() {
      await database.close();
      await drop();
    },
  };
}

async function inMemory(): Promise<OpenStore> {
  const store = memoryIdentityStore();
  return { store, signedUp: async () => store.signedUp.map(({ userId }) => userId), close: () => Promise.resolve() };
}

const stores = [
  ['PostgreSQL', onPostgres],
  ['memory', inMemory],
] as const;

describe.each(stores)('an identity store on %s', (_, open) => identityStoreSuite(open));
describe('identity on PostgreSQL', () => identityServiceSuite(onPostgres, LOCAL));
describe.each(FAULTY_TRANSPORTS)('identity on PostgreSQL, %s', (_, reach) => identityServiceSuite(onPostgres, reach));
describe.each(SOUND_TRANSPORTS)('identity in memory, %s', (_, reach) => identityServiceSuite(inMemory, reach));

describe('identity without PostgreSQL', () => {
  const away = async (): Promise<string> => {
    const { url, drop } = await testDatabase();
    await drop();
    return url;
  };

  test.each([
    ['no server listens', async () => 'postgres://nobody@127.0.0.1:1/none'],
    ['its database is gone', away],
  ])('an operation is refused as unavailable when %s', async (_, url) => {
    const database = openDatabase({ url: await url(), onError: () => undefined });
    const store = postgresIdentityStore(database.pool, () => {});
    const answers = [
      store.credentialsByEmail('ada@example.com'),
      store.changeSession(1n, 'digest', () => ({ kind: 'KEEP' })),
      store.apiKeyById(1n),
    ];
    for (const answer of await Promise.allSettled(answers)) {
      expect(answer).toMatchObject({ reason: { name: 'Unavailable', code: 'DEPENDENCY_UNAVAILABLE' } });
    }
    await database.close();
  });

  test('identity continues on a new connection when its session was ended', async () => {
    const { url, drop } = await testDatabase();
    const database = openDatabase({ url, poolMax: 1, onError: () => undefined });
    const store = postgresIdentityStore(database.pool, () => {});
    const ended = database.pool.query('select pg_terminate_backend(pg_backend_pid())');
    await expect(ended).rejects.toThrow();
    expect(await store.userById(1n)).toBeUndefined();
    await database.close();
    await drop();
  });
});
