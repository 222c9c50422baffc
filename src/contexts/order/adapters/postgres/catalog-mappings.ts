import { getTableColumns } from 'drizzle-orm';
import { millis } from '../../../../platform/postgres/mapped-fields.ts';
import { modelColumns, tableMapping } from '../../../../platform/postgres/table-mapping.ts';
import { products, timeSales } from './schema.ts';

const { createdAt: productCreatedAt, updatedAt, ...product } = getTableColumns(products);
export const PRODUCT = tableMapping(products, {
  ...product,
  createdAtMs: millis(productCreatedAt),
  updatedAtMs: millis(updatedAt),
});
export const PRODUCT_COLUMNS = modelColumns(products, 'p');

const { startsAt, endsAt, createdAt, ...timeSale } = getTableColumns(timeSales);
export const TIME_SALE = tableMapping(timeSales, {
  ...timeSale,
  startsAtMs: millis(startsAt),
  endsAtMs: millis(endsAt),
  createdAtMs: millis(createdAt),
});
export const TIME_SALE_COLUMNS = modelColumns(timeSales, 's');

/** What orders change. */
export const PRODUCT_UNITS = tableMapping(products, {
  id: products.id,
  stock: products.stock,
  reserved: products.reserved,
  sold: products.sold,
});
export const TIME_SALE_UNITS = tableMapping(timeSales, {
  id: timeSales.id,
  stock: timeSales.stock,
  reserved: timeSales.reserved,
  sold: timeSales.sold,
  returned: timeSales.returned,
  restocks: timeSales.restocks,
});

/** What the begin and the end of a time sale change. */
export const TIME_SALE_TRANSITION = tableMapping(timeSales, {
  id: timeSales.id,
  announced: timeSales.announced,
  stock: timeSales.stock,
  returned: timeSales.returned,
});
