import { z } from 'zod';
import {
  LIMIT_PER_USER_MAX,
  PRICE_MAX,
  SUPPLIED_MAX,
  TIME_SALE_STATUSES,
  type TimeSale,
} from '../../../contexts/order/api.ts';
import { oneOf } from '../../server/one-of.ts';
import { BodyId, IdText, Instant, InstantText, requiredInstant } from '../../server/schemas.ts';

const SalePrice = z.int().min(1).max(Number(PRICE_MAX)).transform(BigInt);
const Quantity = z.int().min(1).max(SUPPLIED_MAX);
const LimitPerUser = z.int().min(1).max(LIMIT_PER_USER_MAX);

export const TimeSaleStatus = z.enum(TIME_SALE_STATUSES).meta({ id: 'TimeSaleStatus' });

export const TimeSaleBody = z
  .strictObject({
    productId: BodyId,
    salePrice: SalePrice.meta({ description: "At most the product's price" }),
    quantity: Quantity.meta({ description: "Moved from the product's stock" }),
    limitPerUser: LimitPerUser.default(1).meta({ description: 'Units that one user may have, unpaid ones included' }),
    startsAt: Instant,
    endsAt: Instant.meta({ description: 'The end, exclusive' }),
  })
  .refine(({ startsAt, endsAt }) => startsAt < endsAt, { path: ['endsAt'], message: 'must be after startsAt' });

export const TIME_SALE_BODY_EXAMPLE: z.input<typeof TimeSaleBody> = {
  productId: '7330011234567891',
  salePrice: 19900,
  quantity: 500,
  limitPerUser: 2,
  startsAt: '2035-01-01T01:00:00Z',
  endsAt: '2035-01-01T03:00:00Z',
};

/** Absent fields are not changed. */
export const TimeSalePatch = z
  .strictObject({
    salePrice: SalePrice.optional().meta({ description: 'Before the start only' }),
    quantity: Quantity.optional().meta({
      description: "All units of the sale, sold ones included; the difference is moved from or to the product's stock",
    }),
    limitPerUser: LimitPerUser.optional().meta({ description: 'Users who have more keep what they have' }),
    endsAt: Instant.optional().meta({ description: 'In the future' }),
  })
  .refine((patch) => Object.keys(patch).length > 0, { message: 'must change something' })
  .meta({ minProperties: 1 });
export const TIME_SALE_PATCH_EXAMPLE: z.input<typeof TimeSalePatch> = { quantity: 800, endsAt: '2035-01-01T04:00:00Z' };

/** The fields that change during a sale. */
export const TimeSaleStock = z
  .strictObject({
    timeSaleId: IdText,
    remaining: z.int().meta({ description: 'Units that are neither paid nor in unpaid orders; 0 after the end' }),
    soldQuantity: z.int().meta({ description: 'Units that are paid' }),
    status: TimeSaleStatus.meta({ description: 'By the clock of the server' }),
  })
  .meta({ id: 'TimeSaleStock' });
type StockJson = z.input<typeof TimeSaleStock>;

export const TimeSaleView = TimeSaleStock.extend({
  productId: IdText,
  productName: z.string(),
  salePrice: z.int().meta({ description: 'What buyers pay, or regularPrice where that is lower' }),
  regularPrice: z.int().meta({ description: 'The current price of the product' }),
  quantity: z.int(),
  limitPerUser: z.int(),
  startsAt: InstantText,
  endsAt: InstantText,
}).meta({ id: 'TimeSale' });

export const TIME_SALE_STOCK_EXAMPLE: StockJson = {
  timeSaleId: '7330011234567893',
  remaining: 15,
  soldQuantity: 480,
  status: 'ACTIVE',
};

export const TIME_SALE_EXAMPLE: z.input<typeof TimeSaleView> = {
  ...TIME_SALE_STOCK_EXAMPLE,
  productId: '7330011234567891',
  productName: 'Ceramic mug, 350 ml',
  salePrice: 19900,
  regularPrice: 29900,
  quantity: 500,
  limitPerUser: 2,
  startsAt: '2035-01-01T01:00:00.000Z',
  endsAt: '2035-01-01T03:00:00.000Z',
};

export const timeSaleStockJson = (timeSale: TimeSale): StockJson => ({
  timeSaleId: String(timeSale.id),
  remaining: timeSale.remaining,
  soldQuantity: timeSale.soldQuantity,
  status: oneOf(TIME_SALE_STATUSES, timeSale.status),
});

export const timeSaleJson = (timeSale: TimeSale): z.input<typeof TimeSaleView> => ({
  ...timeSaleStockJson(timeSale),
  productId: String(timeSale.productId),
  productName: timeSale.productName,
  salePrice: Number(timeSale.salePrice),
  regularPrice: Number(timeSale.regularPrice),
  quantity: timeSale.quantity,
  limitPerUser: timeSale.limitPerUser,
  startsAt: requiredInstant(timeSale.startsAt),
  endsAt: requiredInstant(timeSale.endsAt),
});
