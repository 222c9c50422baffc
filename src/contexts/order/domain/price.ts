import { minOf } from '../../../platform/kernel/money.ts';
import type { Order, OrderLine } from './order.ts';
import { allocate } from './shares.ts';

export const costOf = ({ unitPrice, quantity }: Pick<OrderLine, 'unitPrice' | 'quantity'>): bigint =>
  unitPrice * BigInt(quantity);

/** What is paid in money for a line. */
export const moneyOf = (line: OrderLine): bigint => costOf(line) - line.couponDiscount - line.pointsUsed;

type Priced = Pick<Order, 'lines' | 'subtotal' | 'couponDiscount' | 'pointsUsed'>;

/** Gives each line its shares: of the coupon by what it costs, of the points by what the coupon leaves of that. */
export function priced(lines: readonly OrderLine[], discount: bigint, usePoints: bigint): Priced {
  const costs = lines.map(costOf);
  const subtotal = costs.reduce((sum, cost) => sum + cost, 0n);
  const couponDiscount = minOf(discount, subtotal);
  const discounts = allocate(couponDiscount, costs);
  const left = costs.map((cost, place) => cost - (discounts[place] ?? 0n));
  const pointsUsed = minOf(usePoints, subtotal - couponDiscount);
  const points = allocate(pointsUsed, left);
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
