import type { Refusal } from '../../../platform/kernel/refusal.ts';
import type { ProductResponse, Product as ShownProduct, TimeSale as ShownTimeSale, TimeSaleResponse } from '../api.ts';
import { type Product, productStatus } from '../domain/product.ts';
import { type TimeSale, timeSaleStatus } from '../domain/time-sale.ts';
import type { OfferedProduct, OfferedTimeSale } from './goods-ports.ts';

/** The response of an operation on a product or a time sale that refuses. */
export const refusal = (value: Refusal) => ({ outcome: { $case: 'refusal' as const, value } });

export const productAnswer = (offer: OfferedProduct, nowMs: number): ProductResponse => ({
  outcome: { $case: 'product', value: shownProduct(offer, nowMs) },
});

export const timeSaleAnswer = (offer: OfferedTimeSale, nowMs: number): TimeSaleResponse => ({
  outcome: { $case: 'timeSale', value: shownTimeSale(offer, nowMs) },
});

export const shownProduct = ({ product, activeTimeSale }: OfferedProduct, nowMs: number): ShownProduct => ({
  id: product.id,
  name: product.name,
  description: product.description,
  price: product.price,
  stock: product.stock,
  reservedStock: product.reserved,
  soldCount: product.sold,
  storeId: product.storeId ?? undefined,
  status: productStatus(product),
  version: product.version,
  createdBy: product.createdBy,
  createdAt: new Date(product.createdAtMs),
  updatedAt: new Date(product.updatedAtMs),
  activeTimeSale: activeTimeSale === null ? undefined : shownTimeSale({ timeSale: activeTimeSale, product }, nowMs),
});

/** Statuses are by the clock. What is left of one that is over is nobody's to buy. */
export function shownTimeSale(
  { timeSale, product }: { timeSale: TimeSale; product: Product },
  nowMs: number,
): ShownTimeSale {
  const status = timeSaleStatus(timeSale, nowMs);
  return {
    id: timeSale.id,
    productId: timeSale.productId,
    productName: product.name,
    salePrice: timeSale.salePrice,
    regularPrice: product.price,
    quantity: timeSale.quantity,
    soldQuantity: timeSale.sold,
    remaining: status === 'ENDED' ? 0 : timeSale.stock,
    limitPerUser: timeSale.limitPerUser,
    startsAt: new Date(timeSale.startsAtMs),
    endsAt: new Date(timeSale.endsAtMs),
    status,
  };
}
