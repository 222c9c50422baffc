import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { transactOnce } from '../../../../platform/idempotency/transact-once.ts';
import { type Idempotency, Replay } from '../../../../platform/kernel/command-key.ts';
import { isRefusal, type Refusal } from '../../../../platform/kernel/refusal.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import type { CatalogChange, CatalogStore } from '../../application/catalog/ports.ts';
import type { Product } from '../../domain/catalog/product.ts';
import { PRODUCT, TIME_SALE } from './catalog-mappings.ts';
import { products, timeSales } from './schema.ts';

/** `onTimeSale` is called after a commit that created a time sale. */
export function postgresCatalogStore(database: Database, onTimeSale: () => void): CatalogStore {
  return {
    insertProduct: (product, idempotency) =>
      transactOnce<Product | Refusal>(database.pool, idempotency, async (client) => {
        if (isRefusal(product)) return product;
        await drizzle(client).insert(products).values(PRODUCT.toModel(product));
        return product;
      }),

    async change<Change extends CatalogChange>(
      productId: bigint,
      decide: (product: Product) => Change | Refusal,
      idempotency?: Idempotency<Change | Refusal | undefined>,
    ) {
      const changed = await transactOnce(database.pool, idempotency, async (client) => {
        const tx = drizzle(client);
        const [row] = await tx.select().from(products).where(eq(products.id, productId)).for('no key update');
        if (!row) return undefined;
        const decided = decide(PRODUCT.fromModel(row));
        if (isRefusal(decided)) return decided;
        await tx.update(products).set(PRODUCT.toModel(decided.product)).where(eq(products.id, productId));
        if (decided.timeSale) await tx.insert(timeSales).values(TIME_SALE.toModel(decided.timeSale));
        return decided;
      });
      if (changed && !(changed instanceof Replay) && !isRefusal(changed) && changed.timeSale) onTimeSale();
      return changed;
    },
  };
}
