import pg from 'pg';
import { expect } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { testDatabase } from '../../../../test/support/postgres.ts';
import { type Database, openDatabase } from '../../../platform/postgres/database.ts';
import { type IssueStoreOptions, postgresIssueStore } from '../adapters/postgres/issue/issue-store.ts';
import { postgresLifecycleStore } from '../adapters/postgres/lifecycle/lifecycle-store.ts';
import { postgresPolicyStore } from '../adapters/postgres/policy/policy-store.ts';
import { postgresCouponReader } from '../adapters/postgres/queries/coupon-reader.ts';
import { issueEvents } from '../application/issue/issue-events.ts';
import { lifecycleEvents } from '../application/lifecycle/lifecycle-events.ts';
import { policyEvents } from '../application/policy/policy-events.ts';
import type { CouponStore } from '../application/ports.ts';
import { memoryCouponStore } from './memory/coupon-store.ts';
import { NOW_MS } from './policies.ts';

/** One set of data and several nodes' stores over it. */
export interface OpenStores {
  readonly nodes: readonly [CouponStore, CouponStore, CouponStore];
  close(): Promise<void>;
}

export function nodeOver(
  url: string,
  nextId: () => bigint,
  clock = () => NOW_MS,
  options: IssueStoreOptions = {},
): { database: Database; store: CouponStore } {
  // Dropping the database may end a connection that is closing. Any other failure fails a query of the test.
  const database = openDatabase({ url, onError: () => {}, time: { presentAt: clock } });
  const ignore = () => {};
  const store = {
    ...postgresIssueStore({ database, nextId, eventsOf: issueEvents, onEvents: ignore }, options),
    ...postgresLifecycleStore({ database, nextId, eventsOf: lifecycleEvents, onEvents: ignore }),
    ...postgresPolicyStore({ database, nextId, eventsOf: policyEvents, onEvents: ignore }),
    ...postgresCouponReader(database),
  };
  return { database, store };
}

async function onPostgres(options: IssueStoreOptions = {}): Promise<OpenStores> {
  const home = await testDatabase();
  const nextId = countingIds(1_000_000n);
  const open = () => nodeOver(home.url, nextId, undefined, options);
  const opened = [open(), open(), open()] as const;
  const [a, b, c] = opened;
  return {
    nodes: [a.store, b.store, c.store],
    async close() {
      const client = new pg.Client({ connectionString: home.url });
      await client.connect();
      await client.query('select pg_stat_force_next_flush()');
      const { rows } = await client.query<{ deadlocks: string }>(
        'select deadlocks from pg_stat_database where datname = current_database()',
      );
      await client.end();
      for (const { database } of opened) await database.close();
      await home.drop();
      // After every test: nothing that the suite does may deadlock.
      expect(rows).toEqual([{ deadlocks: '0' }]);
    },
  };
}

async function inMemory(): Promise<OpenStores> {
  const store = memoryCouponStore(() => NOW_MS);
  return { nodes: [store, store, store], close: () => Promise.resolve() };
}

export const STORES = [
  ['PostgreSQL', () => onPostgres()],
  ['PostgreSQL, by one statement where possible', () => onPostgres({ optimistic: true })],
  ['memory', inMemory],
] as const;
