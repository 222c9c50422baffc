import pg from 'pg';
import { expect } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { testDatabase } from '../../../../test/support/postgres.ts';
import { type Database, openDatabase } from '../../../platform/postgres/database.ts';
import { pointAudits } from '../adapters/postgres/audits/audits.ts';
import { postgresChargeReader } from '../adapters/postgres/charge-reader.ts';
import { postgresEarningReader } from '../adapters/postgres/earning-reader.ts';
import { postgresExpiryStore } from '../adapters/postgres/expiry-store.ts';
import { postgresLedgerReader } from '../adapters/postgres/ledger-reader.ts';
import { postgresLedgerStore } from '../adapters/postgres/ledger-store.ts';
import { expiringEvents, pointEvents } from '../application/point-events.ts';
import type { PointStore } from '../application/ports.ts';
import { NOW_MS } from './commands.ts';
import { memoryPointStore } from './memory/point-store.ts';

/** One set of data and several nodes' stores over it. */
export interface OpenStores {
  readonly nodes: readonly [PointStore, PointStore, PointStore];
  readonly nextId: () => bigint;
  /** The time by which the stores decide. */
  readonly clock: { ms: number };
  close(): Promise<void>;
}

export function nodeOver(
  url: string,
  nextId: () => bigint,
  clock = { ms: NOW_MS },
): { database: Database; store: PointStore } {
  // Dropping the database may end a connection that is just closing; whatever else breaks fails a query of the test.
  const database = openDatabase({ url, onError: () => {}, time: { presentAt: () => clock.ms } });
  const ignore = () => {};
  const store = {
    ...postgresLedgerStore({ database, nextId, eventsOf: pointEvents, onEvents: ignore }),
    ...postgresLedgerReader(database),
    ...postgresChargeReader(database),
    ...postgresEarningReader(database),
    ...postgresExpiryStore({ database, nextId, eventsOf: expiringEvents, onEvents: ignore }),
  };
  return { database, store };
}

/** Every invariant of the ledger, looked at in the database. */
export async function expectSound(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const audit of pointAudits) {
      const { ok, violations } = await audit.run(client, {});
      expect([audit.name, ok, violations]).toEqual([audit.name, true, []]);
    }
  } finally {
    await client.end();
  }
}

/** As the role that the program works with: what it may not do fails here. */
async function onPostgres(): Promise<OpenStores> {
  const home = await testDatabase();
  const nextId = countingIds(1_000_001n);
  const clock = { ms: NOW_MS };
  const opened = [0, 1, 2].map(() => nodeOver(home.programUrl, nextId, clock));
  const [a, b, c] = opened.map(({ store }) => store) as [PointStore, PointStore, PointStore];
  return {
    nodes: [a, b, c],
    nextId,
    clock,
    async close() {
      for (const { database } of opened) await database.close();
      await expectSound(home.url);
      const client = new pg.Client({ connectionString: home.url });
      await client.connect();
      await client.query('select pg_stat_force_next_flush()');
      const { rows } = await client.query<{ deadlocks: string }>(
        'select deadlocks from pg_stat_database where datname = current_database()',
      );
      await client.end();
      await home.drop();
      // After every test: nothing that the suite does may deadlock.
      expect(rows).toEqual([{ deadlocks: '0' }]);
    },
  };
}

async function inMemory(): Promise<OpenStores> {
  const store = memoryPointStore();
  return {
    nodes: [store, store, store],
    nextId: countingIds(1_000_001n),
    clock: { ms: NOW_MS },
    close: () => Promise.resolve(),
  };
}

export const STORES = [
  ['PostgreSQL', onPostgres],
  ['memory', inMemory],
] as const;
