import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { countingIds } from '../../../../../test/support/counting-ids.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/postgres.ts';
import { type Database, openDatabase } from '../../../../platform/postgres/database.ts';
import { product, timeSale } from '../../test/catalog.ts';
import { postgresCatalogStore } from './catalog-store.ts';

let home: TestDatabase;
let database: Database;
let holder: pg.Client;
beforeEach(async () => {
  home = await testDatabase();
  // A node whose estimate is wrong by decades.
  database = openDatabase({ url: home.url, onError: () => {}, time: { estimate: () => 0 } });
  holder = new pg.Client({ connectionString: home.url });
  await holder.connect();
});
afterEach(async () => {
  await holder.end();
  await database.close();
  await home.drop();
});

it.each(['product', 'time sale'])(
  "a %s is changed at the database's time after the lock, whatever the node estimates",
  async (what) => {
    const store = postgresCatalogStore({
      database,
      nextId: countingIds(1_000n),
      onTimeSale: () => {},
      onEvents: () => {},
    });
    await store.insertProduct(product(1n));
    await store.change(1n, (before, nowMs) => ({ product: before, timeSale: timeSale(5n), nowMs }));
    await holder.query('begin');
    await holder.query('select from orders.products where id = 1 for update');
    const decidedAt: number[] = [];
    const changing =
      what === 'product'
        ? store.change(1n, (before, nowMs) => {
            decidedAt.push(nowMs);
            return { product: before, nowMs };
          })
        : store.changeTimeSale(5n, (before, sale, nowMs) => {
            decidedAt.push(nowMs);
            return { product: before, timeSale: sale, events: [], nowMs };
          });
    const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    await expect.poll(async () => (await holder.query(waiting)).rowCount).toBe(1);
    const { rows } = await holder.query<{ now: Date }>('select clock_timestamp() as now');
    await holder.query('commit');
    await changing;
    expect(decidedAt).toHaveLength(1);
    expect(decidedAt[0]).toBeGreaterThanOrEqual(rows[0]?.now.getTime() ?? Number.NaN);
  },
);
