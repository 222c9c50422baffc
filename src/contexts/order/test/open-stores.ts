import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { expect } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { testDatabase } from '../../../../test/support/postgres.ts';
import { type Database, openDatabase } from '../../../platform/postgres/database.ts';
import { orderAudits } from '../adapters/postgres/audits/audits.ts';
import { PRODUCT, TIME_SALE } from '../adapters/postgres/catalog-mappings.ts';
import { postgresOrderReader } from '../adapters/postgres/order-reader.ts';
import { postgresOrderStore } from '../adapters/postgres/order-store.ts';
import { products, timeSales } from '../adapters/postgres/schema.ts';
import { orderEvents } from '../application/order-events.ts';
import type { OrderReader, OrderStore } from '../application/ports.ts';
import type { Product } from '../domain/catalog/product.ts';
import type { DailySale } from '../domain/decision.ts';
import type { TimeSale } from '../domain/time-sale/time-sale.ts';
import { memoryOrderStore, memoryOrders } from './memory/order-store.ts';

export type Node = OrderStore & OrderReader;

export interface Catalog {
  readonly products: readonly Product[];
  readonly timeSales?: readonly TimeSale[];
}

/** One set of data and several nodes' stores over it. */
export interface OpenStores {
  readonly nodes: readonly [Node, Node, Node];
  readonly nextId: () => bigint;
  put(goods: Catalog): Promise<void>;
  dailySales(): Promise<readonly DailySale[]>;
  close(): Promise<void>;
}

export function nodeOver(url: string, nextId: () => bigint): { database: Database; store: Node } {
  // Dropping the database may end a connection that is just closing; whatever else breaks fails a query of the test.
  const database = openDatabase({ url, onError: () => {} });
  return {
    database,
    store: {
      ...postgresOrderStore({ database, nextId, eventsOf: orderEvents, onEvents: () => {} }),
      ...postgresOrderReader(database),
    },
  };
}

export async function insertCatalog({ pool }: Pick<Database, 'pool'>, goods: Catalog): Promise<void> {
  const database = drizzle({ client: pool });
  if (goods.products.length > 0)
    await database.insert(products).values(goods.products.map((product) => PRODUCT.toModel(product)));
  if (goods.timeSales?.length)
    await database.insert(timeSales).values(goods.timeSales.map((sale) => TIME_SALE.toModel(sale)));
}

/** Every invariant of orders, looked at in the database. */
export async function expectAuditsPass(client: pg.Client): Promise<void> {
  for (const audit of orderAudits) {
    const { ok, violations } = await audit.run(client, {});
    expect([audit.name, ok, violations]).toEqual([audit.name, true, []]);
  }
}

/** As the role that the program works with: what it may not do fails here. `written`: by hand, what is there need not add up. */
async function onPostgres(written: 'by hand' | 'as decided' = 'as decided'): Promise<OpenStores> {
  const home = await testDatabase();
  const nextId = countingIds(1_000_001n);
  const a = nodeOver(home.programUrl, nextId);
  const b = nodeOver(home.programUrl, nextId);
  const c = nodeOver(home.programUrl, nextId);
  return {
    nodes: [a.store, b.store, c.store],
    nextId,
    put: (goods) => insertCatalog(a.database, goods),
    async dailySales() {
      const text = `select product_id as "productId", day::text, quantity from orders.product_daily_sales order by 1, 2`;
      return (await a.database.pool.query<DailySale & pg.QueryResultRow>(text)).rows;
    },
    async close() {
      for (const { database } of [a, b, c]) await database.close();
      const client = new pg.Client({ connectionString: home.url });
      await client.connect();
      if (written === 'as decided') await expectAuditsPass(client);
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

async function inMemory(_?: string): Promise<OpenStores> {
  const state = memoryOrders();
  const store = memoryOrderStore(state);
  return {
    nodes: [store, store, store],
    nextId: countingIds(1_000_001n),
    async put(goods) {
      for (const product of goods.products) state.products.set(product.id, product);
      for (const sale of goods.timeSales ?? []) state.timeSales.set(sale.id, sale);
    },
    async dailySales() {
      return [...state.dailySales.values()];
    },
    close: () => Promise.resolve(),
  };
}

export const STORES = [
  ['PostgreSQL', onPostgres],
  ['memory', inMemory],
] as const;
