import { describe } from 'vitest';
import { testDatabase } from '../../../../test/support/postgres.ts';
import { openDatabase } from '../../../platform/postgres/database.ts';
import { memoryIdentityStore } from '../adapters/memory/identity-store.ts';
import { postgresIdentityStore } from '../adapters/postgres/identity-store.ts';
import { identityServiceSuite } from './identity-service-suite.ts';
import { identityStoreSuite, type OpenStore } from './identity-store-suite.ts';

async function onPostgres(): Promise<OpenStore> {
  const { url, drop } = await testDatabase();
  // Dropping the database may end a connection that is just closing; whatever else breaks fails a query of the test.
  const database = openDatabase({ url, onError: () => undefined });
  return {
    store: postgresIdentityStore(database.pool),
    async signedUp() {
      const { rows } = await database.pool.query<{ payload: string }>('select payload from platform.outbox');
      const batches = rows.flatMap(
        ({ payload }) => JSON.parse(payload) as { topic: string; rows: [string, string][] }[],
      );
      return batches
        .filter(({ topic }) => topic === 'user.signed_up')
        .flatMap((batch) => batch.rows.map(([id]) => BigInt(id)));
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
describe.each(stores)('identity on %s', (_, open) => identityServiceSuite(open));
