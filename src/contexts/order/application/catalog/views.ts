import type { ProductResponse, Product as ProductView, TimeSaleResponse, TimeSale as TimeSaleView } from '../../api.ts';
import { type Product, productStatus } from '../../domain/catalog/product.ts';
import { type TimeSale, timeSaleStatus } from '../../domain/time-sale/time-sale.ts';
import type { ListedProduct, ListedTimeSale } from './ports.ts';

export const toProductResponse = (listed: ListedProduct, nowMs: number): ProductResponse => ({
  outcome: { $case: 'product', value: toProductView(listed, nowMs) },
});

export const toTimeSaleResponse = (listed: ListedTimeSale, nowMs: number): TimeSaleResponse => ({
  outcome: { $case: 'timeSale', value: toTimeSaleView(listed, nowMs) },
});

export const toProductView = ({ product, activeTimeSale }: ListedProduct, nowMs: number): ProductView => ({
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
  activeTimeSale: activeTimeSale === null ? undefined : toTimeSaleView({ timeSale: activeTimeSale, product }, nowMs),
});

/** The status depends on the clock. An ended sale has 0 units remaining, because they can no longer be bought. */
export function toTimeSaleView(
  { timeSale, product }: { timeSale: TimeSale; product: Product },
  nowMs: number,
): TimeSaleView {
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
