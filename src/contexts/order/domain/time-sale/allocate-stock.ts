import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import { refuse } from '../../refusals.ts';
import type { Product } from '../catalog/product.ts';
import { LIMIT_PER_USER_MAX } from '../limits.ts';
import type { TimeSale } from './time-sale.ts';

/** The fields of a time sale that a user sets. */
export interface TimeSaleTerms {
  readonly salePrice: bigint;
  readonly quantity: number;
  readonly limitPerUser: number;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}

export interface TimeSaleAllocation {
  readonly product: Product;
  readonly timeSale: TimeSale;
}

/**
 * Moves units from the product's stock to a new time sale. Time sales of a product may overlap: each has its own units and price.
 * Refused: OUT_OF_STOCK, VALIDATION_FAILED.
 */
export function allocateTimeSaleStock(
  product: Product,
  terms: TimeSaleTerms,
  creation: { readonly id: bigint; readonly by: bigint; readonly nowMs: number },
): TimeSaleAllocation | Refusal {
  const invalid = checkTimeSaleTerms(product, terms, creation.nowMs);
  if (invalid) return invalid;
  if (terms.quantity > product.stock) return refuse('OUT_OF_STOCK', { productId: String(product.id) });
  const timeSale: TimeSale = {
    id: creation.id,
    productId: product.id,
    ...terms,
    stock: terms.quantity,
    reserved: 0,
    sold: 0,
    returned: 0,
    restocks: 0,
    limitHighest: terms.limitPerUser,
    announced: 'SCHEDULED',
    createdBy: creation.by,
    createdAtMs: creation.nowMs,
  };
  return { product: { ...product, stock: product.stock - terms.quantity }, timeSale };
}

/** Refused: VALIDATION_FAILED, with each field that is out of its range. */
export function checkTimeSaleTerms({ price }: Product, terms: TimeSaleTerms, nowMs: number): Refusal | undefined {
  const { salePrice, quantity, limitPerUser, startsAtMs, endsAtMs } = terms;
  const rules: readonly (readonly [field: string, holds: boolean, message: string])[] = [
    ['salePrice', salePrice >= 1n && salePrice <= price, `must be 1 to the price of the product, ${price}`],
    ['quantity', Number.isInteger(quantity) && quantity >= 1, 'must be a whole number, at least 1'],
    [
      'limitPerUser',
      Number.isInteger(limitPerUser) && limitPerUser >= 1 && limitPerUser <= LIMIT_PER_USER_MAX,
      `must be 1 to ${LIMIT_PER_USER_MAX}`,
    ],
    ['startsAt', Number.isFinite(startsAtMs), 'is required'],
    ['endsAt', startsAtMs < endsAtMs, 'must be after startsAt'],
    ['endsAt', nowMs < endsAtMs, 'must be in the future'],
  ];
  const violated = rules.filter(([, holds]) => !holds);
  return violated.length === 0
    ? undefined
    : refuse('VALIDATION_FAILED', Object.fromEntries(violated.map(([field, , message]) => [field, message])));
}
