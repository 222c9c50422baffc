import type { InferSelectModel } from 'drizzle-orm';
import type { Product } from '../../domain/catalog/product.ts';
import type { TimeSale } from '../../domain/time-sale/time-sale.ts';
import type { products, timeSales } from './schema.ts';

type ProductRow = InferSelectModel<typeof products>;
type TimeSaleRow = InferSelectModel<typeof timeSales>;

export const toProduct = ({ createdAt, updatedAt, ...row }: ProductRow): Product => ({
  ...row,
  createdAtMs: createdAt.getTime(),
  updatedAtMs: updatedAt.getTime(),
});

export const fromProduct = ({ createdAtMs, updatedAtMs, ...product }: Product): ProductRow => ({
  ...product,
  createdAt: new Date(createdAtMs),
  updatedAt: new Date(updatedAtMs),
});

export const toTimeSale = ({ startsAt, endsAt, createdAt, announced, ...row }: TimeSaleRow): TimeSale => ({
  ...row,
  announced: announced as TimeSale['announced'],
  startsAtMs: startsAt.getTime(),
  endsAtMs: endsAt.getTime(),
  createdAtMs: createdAt.getTime(),
});

export const fromTimeSale = ({ startsAtMs, endsAtMs, createdAtMs, ...timeSale }: TimeSale): TimeSaleRow => ({
  ...timeSale,
  startsAt: new Date(startsAtMs),
  endsAt: new Date(endsAtMs),
  createdAt: new Date(createdAtMs),
});
