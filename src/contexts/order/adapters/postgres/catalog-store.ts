import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { INSERT_OUTBOX, outboxValues } from '../../../../platform/events/outbox.ts';
import { transactOnce } from '../../../../platform/idempotency/transact-once.ts';
import { type Idempotency, Replay } from '../../../../platform/kernel/command-key.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { isRefusal, type Refusal } from '../../../../platform/kernel/refusal.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import { READ_TIME, timeIn } from '../../../../platform/postgres/database-time.ts';
import type { CatalogChange, CatalogStore, TimeSaleChange } from '../../application/catalog/ports.ts';
import type { Product } from '../../domain/catalog/product.ts';
import { PRODUCT, TIME_SALE } from './catalog-mappings.ts';
import { products, timeSales } from './schema.ts';
import { isStoreClosed } from './store-states.ts';

export interface CatalogStoreDeps {
  readonly database: Database;
  readonly nextId: IdSource;
  /** Called after a commit that created or changed a time sale. */
  readonly onTimeSale: () => void;
  /** Called after a commit that wrote events. */
  readonly onEvents: () => void;
}

export function postgresCatalogStore({ database, nextId, onTimeSale, onEvents }: CatalogStoreDeps): CatalogStore {
  /** Called after the locks: a sale may begin or end while they are awaited. */
  const timeOf = async (client: pg.ClientBase): Promise<number> =>
    database.time.presentAt(timeIn(await client.query(READ_TIME.text)));
  return {
    insertProduct: (product, idempotency) =>
      transactOnce<Product | Refusal>(database.pool, idempotency, async (client) => {
        if (isRefusal(product)) return product;
        const inserted = { ...product, storeClosed: await isStoreClosed(client, product.storeId) };
        await drizzle(client).insert(products).values(PRODUCT.toModel(inserted));
        return inserted;
      }),

    async change<Change extends CatalogChange>(
      productId: bigint,
      decide: (product: Product, nowMs: number) => Change | Refusal,
      idempotency?: Idempotency<Change | Refusal | undefined>,
    ) {
      const changed = await transactOnce(database.pool, idempotency, async (client) => {
        const tx = drizzle(client);
        const [row] = await tx.select().from(products).where(eq(products.id, productId)).for('no key update');
        if (!row) return undefined;
        const decided = decide(PRODUCT.fromModel(row), await timeOf(client));
        if (isRefusal(decided)) return decided;
        await tx.update(products).set(PRODUCT.toModel(decided.product)).where(eq(products.id, productId));
        if (decided.timeSale) await tx.insert(timeSales).values(TIME_SALE.toModel(decided.timeSale));
        return decided;
      });
      if (changed && !(changed instanceof Replay) && !isRefusal(changed) && changed.timeSale) onTimeSale();
      return changed;
    },

    async changeTimeSale(timeSaleId, decide, idempotency) {
      const changed = await transactOnce<TimeSaleChange | Refusal | undefined>(
        database.pool,
        idempotency,
        async (client) => {
          const tx = drizzle(client);
          const isWanted = eq(timeSales.id, timeSaleId);
          // A sale never moves to another product, so it is found before the lock: products are locked first, as orders do.
          const [found] = await tx.select({ productId: timeSales.productId }).from(timeSales).where(isWanted);
          if (!found) return undefined;
          const isProduct = eq(products.id, found.productId);
          const [product] = await tx.select().from(products).where(isProduct).for('no key update');
          const [sale] = await tx.select().from(timeSales).where(isWanted).for('no key update');
          if (!product || !sale) throw new Error(`time sale ${timeSaleId} has no product`);
          const decided = decide(PRODUCT.fromModel(product), TIME_SALE.fromModel(sale), await timeOf(client));
          if (isRefusal(decided)) return decided;
          await tx.update(products).set({ stock: decided.product.stock }).where(isProduct);
          await tx.update(timeSales).set(TIME_SALE.toModel(decided.timeSale)).where(isWanted);
          if (decided.events.length > 0) await client.query(INSERT_OUTBOX, outboxValues(nextId(), decided.events));
          return decided;
        },
      );
      if (changed && !(changed instanceof Replay) && !isRefusal(changed)) {
        onTimeSale();
        if (changed.events.length > 0) onEvents();
      }
      return changed;
    },
  };
}
