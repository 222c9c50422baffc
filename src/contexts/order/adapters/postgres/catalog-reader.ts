import { and, asc, desc, eq, gt, gte, inArray, lt, lte, ne, not, or, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../../platform/postgres/database.ts';
import { type Selects, selectsOn } from '../../../../platform/postgres/reader.ts';
import type { CatalogReader, ListedProduct, PopularListing, ProductsQuery } from '../../application/catalog/ports.ts';
import type { Product } from '../../domain/catalog/product.ts';
import type { TimeSaleStatus } from '../../domain/enumerations.ts';
import { PRODUCT, TIME_SALE } from './catalog-mappings.ts';
import { productDailySales, products, timeSales } from './schema.ts';

export function postgresCatalogReader(database: Database): CatalogReader {
  const primary = selectsOn(database.pool);
  const recent = selectsOn(database.recentReads);
  const of = (mayLag = false): Selects => (mayLag ? recent : primary);

  /** Adds the cheapest time sale that is ACTIVE by `timeSaleStatus` to each product. */
  async function withActiveTimeSale(db: Selects, found: readonly Product[], now: Date): Promise<ListedProduct[]> {
    if (found.length === 0) return [];
    const rows = await db
      .selectDistinctOn([timeSales.productId], { timeSale: timeSales })
      .from(timeSales)
      .innerJoin(products, eq(products.id, timeSales.productId))
      .where(
        and(
          inArray(
            timeSales.productId,
            found.map(({ id }) => id),
          ),
          ...ACTIVE(now),
          // The product's price may have been lowered below it.
          lte(timeSales.salePrice, products.price),
        ),
      )
      .orderBy(asc(timeSales.productId), asc(timeSales.salePrice), asc(timeSales.id));
    const active = new Map(rows.map(({ timeSale }) => [timeSale.productId, TIME_SALE.fromModel(timeSale)]));
    return found.map((product) => ({ product, activeTimeSale: active.get(product.id) ?? null }));
  }

  async function popular(
    rows: readonly { readonly product: typeof products.$inferSelect; readonly quantitySold: bigint }[],
    now: Date,
  ): Promise<PopularListing[]> {
    const quantities = new Map(rows.map(({ product, quantitySold }) => [product.id, quantitySold]));
    const listed = await withActiveTimeSale(
      recent,
      rows.map(({ product }) => PRODUCT.fromModel(product)),
      now,
    );
    return listed.map((each) => ({ ...each, quantitySold: quantities.get(each.product.id) ?? 0n }));
  }

  return {
    async findProduct(id, now) {
      const rows = await primary.select().from(products).where(eq(products.id, id));
      return (
        await withActiveTimeSale(
          primary,
          rows.map((row) => PRODUCT.fromModel(row)),
          now,
        )
      )[0];
    },

    async listProducts(query) {
      const db = of(query.mayLag);
      // Skipped rows are read from an index only.
      const page = db
        .select({ id: products.id })
        .from(products)
        .where(isListed(query))
        .orderBy(desc(products.id))
        .limit(query.limit)
        .offset(query.skip);
      const rows = await db.select().from(products).where(inArray(products.id, page)).orderBy(desc(products.id));
      return await withActiveTimeSale(
        db,
        rows.map((row) => PRODUCT.fromModel(row)),
        query.now,
      );
    },

    async listPopular(limit, now) {
      const rows = await recent
        .select()
        .from(products)
        .where(and(IS_SHOWN, gt(products.sold, 0)))
        .orderBy(desc(products.sold), desc(products.id))
        .limit(limit);
      return await popular(
        rows.map((product) => ({ product, quantitySold: BigInt(product.sold) })),
        now,
      );
    },

    async listPopularSince(day, limit, now) {
      const quantity = sql<bigint>`sum(${productDailySales.quantity})`.mapWith(BigInt).as('quantity_sold');
      const sums = recent
        .select({ productId: productDailySales.productId, quantity })
        .from(productDailySales)
        .where(gte(productDailySales.day, day))
        .groupBy(productDailySales.productId)
        .as('sums');
      const rows = await recent
        .select({ product: products, quantitySold: sums.quantity })
        .from(sums)
        .innerJoin(products, eq(products.id, sums.productId))
        .where(and(IS_SHOWN, gt(sums.quantity, 0n)))
        .orderBy(desc(sums.quantity), desc(products.id))
        .limit(limit);
      return await popular(rows, now);
    },

    async findTimeSale(id) {
      const [row] = await primary
        .select({ timeSale: timeSales, product: products })
        .from(timeSales)
        .innerJoin(products, eq(products.id, timeSales.productId))
        .where(eq(timeSales.id, id));
      return row && { timeSale: TIME_SALE.fromModel(row.timeSale), product: PRODUCT.fromModel(row.product) };
    },

    async listTimeSales({ now, status, mayLag, before, limit }) {
      const rows = await of(mayLag)
        .select({ timeSale: timeSales, product: products })
        .from(timeSales)
        .innerJoin(products, eq(products.id, timeSales.productId))
        .where(
          and(
            IS_SHOWN,
            ...(status === undefined ? [] : hasStatus(status, now)),
            before === undefined ? undefined : lt(timeSales.id, before),
          ),
        )
        .orderBy(desc(timeSales.id))
        .limit(limit);
      return rows.map(({ timeSale, product }) => ({
        timeSale: TIME_SALE.fromModel(timeSale),
        product: PRODUCT.fromModel(product),
      }));
    },
  };
}

// `isHidden` on rows. The indexes of the lists have it, too.
const IS_SHOWN = and(not(products.hidden), not(products.storeClosed));

function isListed({ storeId, hiddenOf, before }: ProductsQuery): SQL | undefined {
  return and(
    hiddenOf === 'ALL'
      ? undefined
      : or(IS_SHOWN, hiddenOf.length > 0 ? inArray(products.storeId, [...hiddenOf]) : undefined),
    storeId === undefined ? undefined : eq(products.storeId, storeId),
    before === undefined ? undefined : lt(products.id, before),
  );
}

// `announced <> 'ENDED'` holds for every sale that is not over, and selects the small partial indexes.
const NOT_OVER = (now: Date): SQL[] => [ne(timeSales.announced, 'ENDED'), gt(timeSales.endsAt, now)];
const RUNNING = (now: Date): SQL[] => [...NOT_OVER(now), lte(timeSales.startsAt, now)];
const ACTIVE = (now: Date): SQL[] => [...RUNNING(now), gt(timeSales.stock, 0)];

/** The conditions of `timeSaleStatus` on rows. */
function hasStatus(status: TimeSaleStatus, now: Date): SQL[] {
  switch (status) {
    case 'SCHEDULED':
      return [...NOT_OVER(now), gt(timeSales.startsAt, now)];
    case 'ACTIVE':
      return ACTIVE(now);
    case 'SOLD_OUT':
      return [...RUNNING(now), eq(timeSales.stock, 0)];
    case 'ENDED':
      return [lte(timeSales.endsAt, now)];
  }
}
