import { asc, inArray } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { INSERT_OUTBOX, type OutboxBatch, outboxValues } from '../../../../platform/events/outbox.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import type { TimeSaleWindows } from '../../application/catalog/ports.ts';
import { applyDueTransition } from '../../domain/time-sale/due-transition.ts';
import type { TimeSale } from '../../domain/time-sale/time-sale.ts';
import { TIME_SALE, TIME_SALE_TRANSITION } from './catalog-mappings.ts';
import { timeSales } from './schema.ts';

// Each part is the first entry of an index.
const NEXT = `
  select least(
    (select min(starts_at) from orders.time_sales where announced = 'SCHEDULED'),
    (select min(ends_at) from orders.time_sales where announced <> 'ENDED')) next`;

// Reads without locks, because products are locked first. A time sale that begins needs only its own row.
const DUE = `
  select id, product_id, ends_at <= $1::timestamptz as ends
  from orders.time_sales
  where (announced = 'SCHEDULED' and starts_at <= $1::timestamptz) or (announced <> 'ENDED' and ends_at <= $1::timestamptz)
  order by id limit $2`;

const LOCK_PRODUCTS = `
  select 1 from orders.products where id = any($1::bigint[]) order by id for no key update`;

const UPDATE_TIME_SALES = `
  update orders.time_sales t set ${TIME_SALE_TRANSITION.assignments()}
  from unnest(${TIME_SALE_TRANSITION.arrays()}) new(${TIME_SALE_TRANSITION.names})
  where t.id = new.id`;

const RETURN_STOCK = `
  update orders.products p set stock = p.stock + back.quantity
  from (select product_id, sum(quantity)::int quantity from unnest($1::bigint[], $2::int[]) given(product_id, quantity)
        group by product_id) back
  where p.id = back.product_id`;

interface Transition {
  readonly before: TimeSale;
  readonly after: TimeSale;
}

export interface TimeSaleWindowsDeps {
  readonly database: Database;
  readonly nextId: IdSource;
  /** Builds the events of time sales that have begun or ended. */
  readonly eventsOf: (changed: readonly TimeSale[], nowMs: number) => readonly OutboxBatch[];
  /** Called after a commit that wrote events. */
  readonly onEvents: () => void;
}

export function postgresTimeSaleWindows({
  database,
  nextId,
  eventsOf,
  onEvents,
}: TimeSaleWindowsDeps): TimeSaleWindows {
  return {
    async nextDueMs() {
      const { rows } = await database.pool.query<{ next: Date | null }>(NEXT);
      return rows[0]?.next?.getTime();
    },

    async applyDueTransitions(nowMs, limit) {
      const outboxId = nextId();
      const count = await inTransaction(database.pool, async (client) => {
        const due = await client.query<{ id: bigint; product_id: bigint; ends: boolean }>(DUE, [
          new Date(nowMs),
          limit,
        ]);
        if (due.rows.length === 0) return 0;
        const ending = due.rows.filter(({ ends }) => ends).map(({ product_id: productId }) => String(productId));
        await client.query(LOCK_PRODUCTS, [ending]);
        const locked = await lock(
          client,
          due.rows.map(({ id }) => id),
        );
        const transitions = locked.flatMap((before): Transition[] => {
          const after = applyDueTransition(before, nowMs);
          return after ? [{ before, after }] : [];
        });
        if (transitions.length === 0) return 0;
        await write(client, transitions);
        const events = eventsOf(
          transitions.map(({ after }) => after),
          nowMs,
        );
        await client.query(INSERT_OUTBOX, outboxValues(outboxId, events));
        return transitions.length;
      });
      if (count > 0) onEvents();
      return count;
    },
  };
}

/** Locks in the order of all batches. A transition that another node has applied meanwhile is visible. */
async function lock(client: pg.PoolClient, ids: readonly bigint[]): Promise<readonly TimeSale[]> {
  const rows = await drizzle(client)
    .select()
    .from(timeSales)
    .where(inArray(timeSales.id, [...ids]))
    .orderBy(asc(timeSales.id))
    .for('no key update');
  return rows.map((row) => TIME_SALE.fromModel(row));
}

async function write(client: pg.PoolClient, transitions: readonly Transition[]): Promise<void> {
  const after = transitions.map((transition) => transition.after);
  await client.query(UPDATE_TIME_SALES, TIME_SALE_TRANSITION.values(after));
  // Only ended sales return stock: the products of the others are not locked.
  const returned = transitions.map(({ before, after: sale }) => ({
    productId: String(sale.productId),
    quantity: sale.returned - before.returned,
  }));
  const positive = returned.filter(({ quantity }) => quantity > 0);
  await client.query(RETURN_STOCK, [
    positive.map(({ productId }) => productId),
    positive.map(({ quantity }) => quantity),
  ]);
}
