import { minOf } from '../../../../platform/kernel/money.ts';
import type { Order, OrderLine } from '../order.ts';
import { allocate } from './shares.ts';

export const costOf = ({ unitPrice, quantity }: Pick<OrderLine, 'unitPrice' | 'quantity'>): bigint =>
  unitPrice * BigInt(quantity);

/** The amount of a line that the payment covers. */
export const moneyOf = (line: OrderLine): bigint => costOf(line) - line.couponDiscount - line.pointsUsed;

type Priced = Pick<Order, 'lines' | 'subtotal' | 'couponDiscount' | 'pointsUsed'>;

/** Allocates the discount to the lines in proportion to their cost, and the points in proportion to what the discount leaves. */
export function priced(lines: readonly OrderLine[], discount: bigint, usePoints: bigint): Priced {
  const costs = lines.map(costOf);
  const subtotal = costs.reduce((sum, cost) => sum + cost, 0n);
  const couponDiscount = minOf(discount, subtotal);
  const discounts = allocate(couponDiscount, costs);
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
