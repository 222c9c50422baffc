import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { isRefusal } from '../../../../platform/kernel/refusal.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import type { GoodsStore } from '../../application/goods-ports.ts';
import { fromProduct, fromTimeSale, toProduct } from './goods-rows.ts';
import { products, timeSales } from './schema.ts';

/** `onTimeSale` is called after a commit that made one. */
export function postgresGoodsStore(database: Database, onTimeSale: () => void): GoodsStore {
  return {
    async insertProduct(product) {
      await drizzle(database.pool).insert(products).values(fromProduct(product));
    },

    async change(productId, decide) {
      const changed = await inTransaction(database.pool, async (client) => {
        const tx = drizzle(client);
        const [row] = await tx.select().from(products).where(eq(products.id, productId)).for('no key update');
        if (!row) return undefined;
        const decided = decide(toProduct(row));
        if (isRefusal(decided)) return decided;
        await tx.update(products).set(fromProduct(decided.product)).where(eq(products.id, productId));
        if (decided.timeSale) await tx.insert(timeSales).values(fromTimeSale(decided.timeSale));
        return decided;
      });
      if (changed && !isRefusal(changed) && changed.timeSale) onTimeSale();
      return changed;
    },
  };
}
