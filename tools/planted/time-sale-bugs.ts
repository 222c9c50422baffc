import type { PlantedBug } from './bugs.ts';

const CHANGE = 'src/contexts/order/domain/time-sale/change-time-sale.ts';
const CHANGE_TEST = ['src/contexts/order/domain/time-sale/change-time-sale.test.ts'];
const BATCHER_TEST = ['src/contexts/order/application/order-batcher.test.ts'];
const OVER_HTTP = ['test/gateway/time-sale-change.int.test.ts'];

/** In changes of time sales that run. */
export const TIME_SALE_BUGS: readonly PlantedBug[] = [
  {
    name: 'time sales: a change is decided by the time before its locks',
    file: 'src/contexts/order/adapters/postgres/catalog-store.ts',
    within: 'postgresCatalogStore',
    search: `const [product] = await tx.select().from(products).where(isProduct).for('no key update');
          const [sale] = await tx.select().from(timeSales).where(isWanted).for('no key update');
          if (!product || !sale) throw new Error(\`time sale \${timeSaleId} has no product\`);
          const decided = decide(PRODUCT.fromModel(product), TIME_SALE.fromModel(sale), await timeOf(client));`,
    replace: `const early = await timeOf(client);
          const [product] = await tx.select().from(products).where(isProduct).for('no key update');
          const [sale] = await tx.select().from(timeSales).where(isWanted).for('no key update');
          if (!product || !sale) throw new Error('no product');
          const decided = decide(PRODUCT.fromModel(product), TIME_SALE.fromModel(sale), early);`,
    tests: ['src/contexts/order/test/time-sales.int.test.ts'],
    only: 'while its lock is awaited',
  },
  {
    name: 'time sales: a buyer pays more than the product costs',
    file: 'src/contexts/order/domain/placement/place.ts',
    within: 'lineOf',
    search: 'minOf(sale.salePrice, product.price)',
    replace: 'sale.salePrice',
    tests: ['src/contexts/order/domain/placement/place.test.ts'],
  },
  {
    name: 'time sales: a larger quantity is not taken from the product',
    file: CHANGE,
    within: 'changeTimeSale',
    search: 'stock: product.stock - added',
    replace: 'stock: product.stock',
    tests: CHANGE_TEST,
  },
  {
    name: 'time sales: a sold-out sale with new units does not count as restocked',
    file: CHANGE,
    within: 'changeTimeSale',
    search: '(hasUnitsAgain ? 1 : 0)',
    replace: '0',
    tests: CHANGE_TEST,
  },
  {
    name: 'time sales: users who bought under a higher limit break the limit',
    file: CHANGE,
    within: 'changeTimeSale',
    search: 'Math.max(sale.limitHighest, terms.limitPerUser)',
    replace: 'terms.limitPerUser',
    tests: CHANGE_TEST,
  },
  {
    name: 'time sales: a stop returns units twice',
    file: CHANGE,
    within: 'stopTimeSale',
    search: 'if (isOver(sale, nowMs)) return { product, timeSale: sale };',
    replace: '',
    tests: CHANGE_TEST,
  },
  {
    name: 'time sales: a change does not lock the sale',
    file: 'src/contexts/order/adapters/postgres/catalog-store.ts',
    within: 'postgresCatalogStore',
    search: "select().from(timeSales).where(isWanted).for('no key update')",
    replace: 'select().from(timeSales).where(isWanted)',
    tests: OVER_HTTP,
    only: 'orders that race with changes and a stop',
  },
  {
    name: 'time sales: a sale of a hidden product is cached as sold out',
    file: 'src/contexts/order/application/order-batcher.ts',
    within: 'salesRead',
    search: "isHidden(product) ? 'hidden' : 'shown'",
    replace: "'shown'",
    tests: BATCHER_TEST,
  },
  {
    name: 'time sales: a sale stays cached as sold out when its product becomes hidden',
    file: 'src/contexts/order/application/order-batcher.ts',
    within: 'orderBatch',
    search: 'soldOut.forget(hidden);',
    replace: '',
    tests: BATCHER_TEST,
  },
  {
    name: 'time sales: an order with another product removes a sale from the cache',
    file: 'src/contexts/order/application/order-batcher.ts',
    within: 'salesRead',
    search: "return 'unknown';",
    replace: "return 'hidden';",
    tests: BATCHER_TEST,
  },
];
