import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import { refuse } from '../../refusals.ts';
import type { Product } from '../catalog/product.ts';
import { checkTimeSaleTerms, type TimeSaleAllocation, type TimeSaleTerms } from './allocate-stock.ts';
import { isOver, type TimeSale } from './time-sale.ts';

/** The fields to change. Undefined = unchanged. */
export type TimeSaleEdit = {
  readonly [Field in Exclude<keyof TimeSaleTerms, 'startsAtMs'>]?: TimeSaleTerms[Field] | undefined;
};

/**
 * Changes a time sale that is not over, and moves the difference of its quantity from or to the product's stock. Units that are sold or in
 * orders stay, also above a new limit. Refused: TIME_SALE_NOT_ACTIVE, OUT_OF_STOCK, VALIDATION_FAILED.
 */
export function changeTimeSale(
  product: Product,
  sale: TimeSale,
  edit: TimeSaleEdit,
  nowMs: number,
): TimeSaleAllocation | Refusal {
  const details = { timeSaleId: String(sale.id) };
  if (isOver(sale, nowMs)) return refuse('TIME_SALE_NOT_ACTIVE', { ...details, saleStatus: 'ENDED' });
  const salePrice = edit.salePrice ?? sale.salePrice;
  if (salePrice !== sale.salePrice && nowMs >= sale.startsAtMs) {
    return refuse('VALIDATION_FAILED', { salePrice: 'cannot be changed after the start' });
  }
  const terms: TimeSaleTerms = {
    salePrice,
    quantity: edit.quantity ?? sale.quantity,
    limitPerUser: edit.limitPerUser ?? sale.limitPerUser,
    startsAtMs: sale.startsAtMs,
    endsAtMs: edit.endsAtMs ?? sale.endsAtMs,
  };
  // The price of the product may have fallen below that of the sale since.
  const invalid = checkTimeSaleTerms(
    edit.salePrice === undefined ? { ...product, price: salePrice } : product,
    terms,
    nowMs,
  );
  if (invalid) return invalid;
  const added = terms.quantity - sale.quantity;
  if (added > product.stock || sale.stock + added < 0) {
    return refuse('OUT_OF_STOCK', { productId: String(product.id), ...details });
  }
  const hasUnitsAgain = sale.stock === 0 && added > 0;
  return {
    product: { ...product, stock: product.stock - added },
    timeSale: {
      ...sale,
      ...terms,
      stock: sale.stock + added,
      restocks: sale.restocks + (hasUnitsAgain ? 1 : 0),
      limitHighest: Math.max(sale.limitHighest, terms.limitPerUser),
    },
  };
}

/**
 * Ends a time sale now. Its free units return to the product at once, those in unpaid orders when the orders end. A sale that is over
 * already stays as it is. One that has not begun becomes empty, because it never sells.
 */
export function stopTimeSale(product: Product, sale: TimeSale, nowMs: number): TimeSaleAllocation {
  if (isOver(sale, nowMs)) return { product, timeSale: sale };
  return {
    product: { ...product, stock: product.stock + sale.stock },
    timeSale: {
      ...sale,
      announced: 'ENDED',
      stock: 0,
      returned: sale.returned + sale.stock,
      startsAtMs: Math.min(sale.startsAtMs, nowMs),
      endsAtMs: nowMs,
    },
  };
}
