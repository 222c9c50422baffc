import { z } from 'zod';
import {
  POPULAR_DAYS_MAX,
  POPULAR_MAX,
  PRICE_MAX,
  PRODUCT_DESCRIPTION_MAX,
  PRODUCT_NAME_MAX,
  PRODUCT_STATUSES,
  type Product,
  SUPPLIED_MAX,
} from '../../../contexts/order/api.ts';
import { oneOf } from '../../server/one-of.ts';
import {
  BodyId,
  IdText,
  InstantText,
  idOrNull,
  PageFields,
  PathId,
  plainText,
  queryNumber,
  requiredInstant,
  requiredText,
  VERSION_MAX,
} from '../../server/schemas.ts';
import { TIME_SALE_EXAMPLE, TimeSaleView, timeSaleJson } from './time-sale.schemas.ts';

const PAGE_NUMBER_MAX = 500;

const Price = z.int().min(1).max(Number(PRICE_MAX)).transform(BigInt);

export const ProductBody = z.strictObject({
  name: requiredText(PRODUCT_NAME_MAX),
  description: plainText(PRODUCT_DESCRIPTION_MAX).default(''),
  price: Price,
  stock: z.int().min(0).max(SUPPLIED_MAX),
  storeId: BodyId.nullish().meta({ description: 'The store that sells it; null = the platform' }),
});
export const PRODUCT_BODY_EXAMPLE: z.input<typeof ProductBody> = {
  name: 'Ceramic mug, 350 ml',
  description: 'Made in Icheon',
  price: 29900,
  stock: 1000,
};

/** Absent fields are not changed. */
export const ProductPatch = z
  .strictObject({
    version: z.int().min(1).max(VERSION_MAX).meta({ description: 'The version that was read' }),
    name: requiredText(PRODUCT_NAME_MAX).optional(),
    description: plainText(PRODUCT_DESCRIPTION_MAX).optional(),
    price: Price.optional(),
    hidden: z.boolean().optional(),
    addStock: z
      .int()
      .min(-SUPPLIED_MAX)
      .max(SUPPLIED_MAX)
      .optional()
      .meta({ description: 'Added to the stock; a negative number is subtracted, at most the free stock' }),
  })
  .refine((patch) => Object.keys(patch).length > 1, { message: 'must change something' })
  .meta({ minProperties: 2 });
export const PRODUCT_PATCH_EXAMPLE: z.input<typeof ProductPatch> = { version: 1, price: 27900, addStock: 200 };

export const ProductView = z
  .strictObject({
    productId: IdText,
    name: z.string(),
    description: z.string(),
    price: z.int(),
    stock: z.int().meta({ description: 'Units that can be sold at this price now, without those in time sales' }),
    reservedStock: z.int().meta({ description: 'Units in unpaid orders' }),
    soldCount: z.int().meta({ description: 'Units that are paid and not refunded, also in time sales' }),
    storeId: IdText.nullable(),
    status: z.enum(PRODUCT_STATUSES),
    version: z.int().meta({ description: 'for PATCH' }),
    activeTimeSale: TimeSaleView.nullable().meta({
      description: 'The ACTIVE time sale, the cheapest when there are several',
    }),
    createdAt: InstantText,
    updatedAt: InstantText,
  })
  .meta({ id: 'Product' });

export const PRODUCT_EXAMPLE: z.input<typeof ProductView> = {
  productId: '7330011234567891',
  name: 'Ceramic mug, 350 ml',
  description: 'Made in Icheon',
  price: 29900,
  stock: 500,
  reservedStock: 3,
  soldCount: 497,
  storeId: null,
  status: 'ON_SALE',
  version: 1,
  activeTimeSale: TIME_SALE_EXAMPLE,
  createdAt: '2034-12-20T02:00:00.000Z',
  updatedAt: '2034-12-20T02:00:00.000Z',
};

export const productJson = (product: Product): z.input<typeof ProductView> => ({
  productId: String(product.id),
  name: product.name,
  description: product.description,
  price: Number(product.price),
  stock: product.stock,
  reservedStock: product.reservedStock,
  soldCount: product.soldCount,
  storeId: idOrNull(product.storeId),
  status: oneOf(PRODUCT_STATUSES, product.status),
  version: product.version,
  activeTimeSale: product.activeTimeSale === undefined ? null : timeSaleJson(product.activeTimeSale),
  createdAt: requiredInstant(product.createdAt),
  updatedAt: requiredInstant(product.updatedAt),
});

export const ProductsQuery = z
  .strictObject({
    ...PageFields,
    page: queryNumber(PAGE_NUMBER_MAX)
      .optional()
      .meta({ description: `1 to ${PAGE_NUMBER_MAX}, 20 products each; use the cursor for more`, examples: [1] }),
    storeId: PathId.optional(),
  })
  .refine(({ page, limit, cursor }) => page === undefined || (limit === undefined && cursor === undefined), {
    path: ['page'],
    message: 'cannot be combined with limit and cursor',
  });

export const PopularQuery = z.strictObject({
  limit: queryNumber(POPULAR_MAX)
    .optional()
    .meta({ description: `1 to ${POPULAR_MAX}, default 10`, examples: [10] }),
  days: queryNumber(POPULAR_DAYS_MAX)
    .optional()
    .meta({
      description: `Of the last 1 to ${POPULAR_DAYS_MAX} days (in the time zone of the shop), today included; absent: of all time`,
    }),
});

export const PopularView = z
  .strictObject({
    products: z.array(
      ProductView.extend({
        quantitySold: z.int().meta({ description: 'Within the requested days, less refunds' }),
      }).meta({ id: 'PopularProduct' }),
    ),
  })
  .meta({ id: 'PopularProductList' });
