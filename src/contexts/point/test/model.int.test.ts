import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { DAY_MS } from '../../../platform/kernel/durations.ts';
import { NOW_MS } from './commands.ts';
import { history, world } from './histories.ts';
import { memoryPointStore } from './memory/point-store.ts';
import { expectSound, nodeOver } from './open-stores.ts';

let home: TestDatabase;
beforeAll(async () => {
  home = await testDatabase();
});
afterAll(() => home.drop());

const TABLES = 'accounts, transactions, entries, lots, lot_moves, holds, refusals';

/** PostgreSQL loads of each user no more than a batch needs; the model sees everything. */
it('PostgreSQL returns for every history of points what a store that loads everything returns', async () => {
  const nextId = countingIds();
  const { database, store } = nodeOver(home.programUrl, nextId);
  const owner = nodeOver(home.url, nextId).database;
  try {
    await fc.assert(
      fc.asyncProperty(history, async (batches) => {
        // The owner may, once it has taken the guard off.
        for (const table of ['transactions', 'entries', 'lot_moves']) {
          await owner.pool.query(`alter table point.${table} disable trigger insert_only`);
        }
        await owner.pool.query(`truncate ${TABLES.replaceAll(/\w+/g, 'point.$&')}`);
        const ids = [countingIds(), countingIds()] as const;
        const [stored, model] = [world(store, ids[0]), world(memoryPointStore(), ids[1])];
        let nowMs = NOW_MS;
        for (const [passed, asks] of batches) {
          nowMs += passed * DAY_MS;
          expect(await stored.batch(asks, nowMs, [])).toEqual(await model.batch(asks, nowMs, []));
          for (const userId of [1n, 2n]) {
            expect(await stored.balance(userId, nowMs)).toEqual(await model.balance(userId, nowMs));
          }
        }
        await expectSound(home.url);
      }),
      { numRuns: 25 },
    );
  } finally {
    await Promise.all([database.close(), owner.close()]);
  }
});
