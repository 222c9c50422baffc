import { HOUR_MS } from '../../../platform/kernel/durations.ts';
import type { Product } from '../domain/catalog/product.ts';
import type { TimeSale } from '../domain/time-sale/time-sale.ts';

/** The moment at which the tests happen: noon in Seoul. */
export const NOW_MS = Date.UTC(2026, 2, 1, 3);

/** With 100 units free at 10,000. */
export function product(id: bigint, changed: Partial<Product> = {}): Product {
  const stock = changed.stock ?? 100;
  return {
    id,
    name: `product ${id}`,
    description: 'a thing',
    price: 10_000n,
    supplied: stock + (changed.reserved ?? 0) + (changed.sold ?? 0),
    stock,
    reserved: 0,
    sold: 0,
    storeId: null,
    hidden: false,
    storeClosed: false,
    createdBy: 1n,
    version: 1,
    createdAtMs: NOW_MS,
    updatedAtMs: NOW_MS,
    ...changed,
  };
}

/** Of product 1, with 10 units at 7,000, two a user, from an hour ago to in an hour. */
export function timeSale(id: bigint, changed: Partial<TimeSale> = {}): TimeSale {
  const stock = changed.stock ?? 10;
  return {
    id,
    productId: 1n,
    salePrice: 7_000n,
    quantity: stock,
    stock,
    reserved: 0,
    sold: 0,
    returned: 0,
    restocks: 0,
    limitPerUser: 2,
    limitHighest: changed.limitPerUser ?? 2,
    startsAtMs: NOW_MS - HOUR_MS,
    endsAtMs: NOW_MS + HOUR_MS,
    announced: 'STARTED',
    createdBy: 1n,
    createdAtMs: NOW_MS - HOUR_MS,
    ...changed,
  };
}
