import type { TimeSale } from './time-sale.ts';

/**
 * Returns the time sale after the transition that is due, or undefined when none is. At its end, the stock is returned to the product;
 * units in unpaid orders are returned when those orders end.
 */
export function applyDueTransition(timeSale: TimeSale, nowMs: number): TimeSale | undefined {
  const { announced, startsAtMs, endsAtMs, stock, returned } = timeSale;
  if (announced !== 'ENDED' && nowMs >= endsAtMs) {
    return { ...timeSale, announced: 'ENDED', stock: 0, returned: returned + stock };
  }
  return announced === 'SCHEDULED' && nowMs >= startsAtMs ? { ...timeSale, announced: 'STARTED' } : undefined;
}
