import { type Refusal, refuse } from '../../../platform/kernel/refusal.ts';
import type { Product } from './product.ts';
import type { TimeSale } from './time-sale.ts';

const LIMIT_PER_USER_MAX = 1_000;

/** What people set of a time sale. */
export interface TimeSaleTerms {
  readonly salePrice: bigint;
  readonly quantity: number;
  readonly limitPerUser: number;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}

export interface Carved {
  readonly product: Product;
  readonly timeSale: TimeSale;
}

/**
 * Takes the units of a time sale out of its product's free stock. Refused: OUT_OF_STOCK (fewer are free), VALIDATION_FAILED.
 * Time sales of a product may overlap: each has units and a price of its own.
 */
export function carveTimeSale(
  product: Product,
  terms: TimeSaleTerms,
  made: { readonly id: bigint; readonly by: bigint; readonly nowMs: number },
): Carved | Refusal {
  const broken = checkTerms(product, terms, made.nowMs);
  if (broken) return broken;
  if (terms.quantity > product.stock) return refuse('OUT_OF_STOCK', { productId: String(product.id) });
  const timeSale: TimeSale = {
    id: made.id,
    productId: product.id,
    ...terms,
    stock: terms.quantity,
    reserved: 0,
    sold: 0,
    returned: 0,
    restocks: 0,
    announced: 'SCHEDULED',
    createdBy: made.by,
    createdAtMs: made.nowMs,
  };
  return { product: { ...product, stock: product.stock - terms.quantity }, timeSale };
}

function checkTerms({ price }: Product, terms: TimeSaleTerms, nowMs: number): Refusal | undefined {
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
  const broken = rules.filter(([, holds]) => !holds);
  return broken.length === 0
    ? undefined
    : refuse('VALIDATION_FAILED', Object.fromEntries(broken.map(([field, , message]) => [field, message])));
}
