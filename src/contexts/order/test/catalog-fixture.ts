import { setTimeout as sleep } from 'node:timers/promises';
import { testDatabase } from '../../../../test/support/postgres.ts';
import { openStore, storesOn } from '../../../../test/support/stores.ts';
import type { Principal, Refusal } from '../../../platform/kernel/contract.ts';
import { HOUR_MS } from '../../../platform/kernel/durations.ts';
import { openDatabase } from '../../../platform/postgres/database.ts';
import { postgresCatalogReader } from '../adapters/postgres/catalog-reader.ts';
import { postgresCatalogStore } from '../adapters/postgres/catalog-store.ts';
import { postgresStoreStates } from '../adapters/postgres/store-states.ts';
import { postgresTimeSaleWindows } from '../adapters/postgres/time-sale-windows.ts';
import type {
  CreateProductRequest,
  CreateTimeSaleRequest,
  Product,
  ProductResponse,
  TimeSale,
  TimeSaleResponse,
} from '../api.ts';
import { createProduct } from '../application/catalog/create-product.ts';
import { listPopularProducts } from '../application/catalog/list-popular-products.ts';
import { onStoreState, type STORE_TOPICS } from '../application/catalog/on-store-state.ts';
import { getProduct, listProducts } from '../application/catalog/read-products.ts';
import { updateProduct } from '../application/catalog/update-product.ts';
import { changeTimeSaleTerms, stopTimeSaleEarly } from '../application/time-sale/change-time-sale.ts';
import { createTimeSale } from '../application/time-sale/create-time-sale.ts';
import { getTimeSale, listTimeSales } from '../application/time-sale/read-time-sales.ts';
import { transitionEvents } from '../application/time-sale/time-sale-events.ts';

const WAITING = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

export const NOW_MS = Date.parse('2026-01-05T03:00:00Z');
export const ADMIN: Principal = { userId: 1n, role: 'ADMIN' };

/** Products and time sales over a database of their own, by a clock that the test moves. */
export async function catalogFixture() {
  const test = await testDatabase();
  let nowMs = NOW_MS;
  let lastId = 1_000n;
  const clock = () => nowMs;
  const database = openDatabase({ url: test.url, onError: () => {}, time: { presentAt: clock } });
  const nextId = () => ++lastId;
  const reader = postgresCatalogReader(database);
  const stores = storesOn({ database, clock, nextId });
  const store = postgresCatalogStore({ database, nextId, onTimeSale: () => {}, onEvents: () => {} });
  const changes = { store, stores };
  const windows = postgresTimeSaleWindows({ database, nextId, eventsOf: transitionEvents, onEvents: () => {} });
  const operations = {
    createProduct: createProduct(changes, clock, nextId),
    updateProduct: updateProduct(changes, reader, clock),
    getProduct: getProduct(reader, stores, clock),
    listProducts: listProducts(reader, stores, clock),
    listPopularProducts: listPopularProducts(reader, clock),
    createTimeSale: createTimeSale(changes, nextId),
    changeTimeSale: changeTimeSaleTerms(changes),
    stopTimeSale: stopTimeSaleEarly(changes),
    getTimeSale: getTimeSale(reader, stores, clock),
    listTimeSales: listTimeSales(reader, clock),
  };
  const owned = new Map<bigint, bigint>();
  async function storeOf(ownerId: bigint): Promise<bigint> {
    const storeId = owned.get(ownerId) ?? (await openStore(stores, ownerId));
    owned.set(ownerId, storeId);
    return storeId;
  }
  const handleStates = onStoreState(postgresStoreStates(database));
  return {
    ...operations,
    storeOf,
    /** Delivers the event that a store was opened or closed at this version. */
    async storeEvent(topic: (typeof STORE_TOPICS)[number], storeId: bigint, version: number) {
      const data = { storeId: String(storeId), ownerId: '7', name: 'Sol', category: 'CAFE', version, reason: 'CLOSED' };
      const metadata = { correlationId: '1', source: 'store', version: '1.0' };
      const event = { eventId: `1-${version}:0`, eventType: topic, timestamp: '', data, metadata };
      await handleStates([{ topic, key: String(storeId), event } as Parameters<typeof handleStates>[0][number]]);
    },
    windows,
    moveTo(atMs: number) {
      nowMs = atMs;
    },
    sql: (text: string, values: readonly unknown[] = []) => database.pool.query(text, [...values]),
    /** Locks a product until `release`. `awaited` resolves when another session waits for a lock. */
    async lockProduct(productId: bigint) {
      const client = await database.pool.connect();
      await client.query('begin');
      await client.query('select 1 from orders.products where id = $1 for no key update', [productId]);
      return {
        async awaited() {
          while ((await database.pool.query(WAITING)).rowCount === 0) await sleep(10);
        },
        async release() {
          await client.query('commit');
          client.release();
        },
      };
    },
    /** An OWNER sells by a store of theirs. */
    async product(changes: Partial<CreateProductRequest> = {}): Promise<Product> {
      const { principal } = changes;
      const storeId = principal?.role === 'OWNER' ? await storeOf(principal.userId) : undefined;
      const asked = {
        storeId,
        principal: ADMIN,
        name: 'Chair',
        description: '',
        price: 1_000n,
        stock: 100,
        ...changes,
      };
      return resultIn(await operations.createProduct(asked));
    },
    async timeSale(changes: Partial<CreateTimeSaleRequest> & Pick<CreateTimeSaleRequest, 'productId'>) {
      return resultIn(await operations.createTimeSale(timeSaleOf(changes)));
    },
    /** Where a product's units are. */
    async units(productId: bigint): Promise<Readonly<Record<string, number>>> {
      const { rows } = await database.pool.query(
        'select supplied, stock, reserved, sold from orders.products where id = $1',
        [productId],
      );
      return rows[0];
    },
    async saleUnits(timeSaleId: bigint): Promise<Readonly<Record<string, number>>> {
      const { rows } = await database.pool.query(
        'select stock, reserved, sold, returned from orders.time_sales where id = $1',
        [timeSaleId],
      );
      return rows[0];
    },
    /** Topics in the order they were written, with the time sale each is about. */
    async events(): Promise<string[]> {
      const { rows } = await database.pool.query<{ payload: string }>(
        'select payload from platform.outbox order by id',
      );
      return rows.flatMap(({ payload }) =>
        (JSON.parse(payload) as { topic: string; common: { timeSaleId: string } }[]).map(
          ({ topic, common }) => `${topic} ${common.timeSaleId}`,
        ),
      );
    },
    async close() {
      await database.close();
      await test.drop();
    },
  };
}
export type CatalogFixture = Awaited<ReturnType<typeof catalogFixture>>;

export const timeSaleOf = (
  changes: Partial<CreateTimeSaleRequest> & Pick<CreateTimeSaleRequest, 'productId'>,
): CreateTimeSaleRequest => ({
  principal: ADMIN,
  salePrice: 700n,
  quantity: 10,
  limitPerUser: 1,
  startsAt: new Date(NOW_MS),
  endsAt: new Date(NOW_MS + HOUR_MS),
  ...changes,
});

type Answer = ProductResponse | TimeSaleResponse;
const refusalOf = ({ outcome }: Answer): Refusal | undefined =>
  outcome?.$case === 'refusal' ? outcome.value : undefined;

/** What was answered. Throws when it was refused. */
export function resultIn(answer: ProductResponse): Product;
export function resultIn(answer: TimeSaleResponse): TimeSale;
export function resultIn({ outcome }: Answer): Product | TimeSale {
  if (!outcome || outcome.$case === 'refusal') throw new Error(`refused: ${JSON.stringify(outcome?.value)}`);
  return outcome.value;
}

/** The code of a refusal; undefined when it was none. */
export const codeOf = (answer: Answer): string | undefined => refusalOf(answer)?.code;

/** The fields that a refusal names. */
export const fieldsOf = (answer: Answer): readonly string[] => Object.keys(refusalOf(answer)?.details ?? {});
