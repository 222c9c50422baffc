import { minOf } from '../../../../platform/kernel/money.ts';
import type { Order, OrderLine } from '../order.ts';
import { allocate } from './shares.ts';

export const costOf = ({ unitPrice, quantity }: Pick<OrderLine, 'unitPrice' | 'quantity'>): bigint =>
  unitPrice * BigInt(quantity);

/** The amount of a line that the payment covers. */
export const moneyOf = (line: OrderLine): bigint => costOf(line) - line.couponDiscount - line.pointsUsed;

type Priced = Pick<Order, 'lines' | 'subtotal' | 'couponDiscount' | 'pointsUsed'>;

/** What a coupon takes off. */
export interface Discount {
  readonly amount: bigint;
  /** It discounts the lines of this store only; null = all lines. */
  readonly storeId: bigint | null;
}
export const NO_DISCOUNT: Discount = { amount: 0n, storeId: null };

/**
 * Allocates the discount to the lines that it is for, in proportion to their cost, and the points to all lines, in proportion to what the
 * discount leaves.
 */
export function priced(lines: readonly OrderLine[], discount: Discount, usePoints: bigint): Priced {
  const costs = lines.map(costOf);
  const subtotal = sumOf(costs);
  const eligible = costs.map((cost, place) => (isEligible(discount, lines[place]) ? cost : 0n));
  const couponDiscount = minOf(discount.amount, sumOf(eligible));
  const discounts = allocate(couponDiscount, eligible);
  const discounted = costs.map((cost, place) => cost - (discounts[place] ?? 0n));
  const pointsUsed = minOf(usePoints, subtotal - couponDiscount);
  const points = allocate(pointsUsed, discounted);
  return {
    lines: lines.map((line, place) => ({
      ...line,
      couponDiscount: discounts[place] ?? 0n,
      pointsUsed: points[place] ?? 0n,
    })),
    subtotal,
    couponDiscount,
    pointsUsed,
  };
}

const isEligible = ({ storeId }: Discount, line: OrderLine | undefined): boolean =>
  storeId === null || line?.storeId === storeId;

const sumOf = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, amount) => sum + amount, 0n);
