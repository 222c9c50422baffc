import type { TimeSale } from './time-sale.ts';

/**
 * The time sale with what the clock has brought written down, or undefined when there is nothing new. When it ends, all that
 * is free goes back to the product; units in unpaid orders stay, and go back when those end.
 */
export function turnTimeSale(timeSale: TimeSale, nowMs: number): TimeSale | undefined {
  const { announced, startsAtMs, endsAtMs, stock, returned } = timeSale;
  if (announced !== 'ENDED' && nowMs >= endsAtMs) {
    return { ...timeSale, announced: 'ENDED', stock: 0, returned: returned + stock };
  }
  return announced === 'SCHEDULED' && nowMs >= startsAtMs ? { ...timeSale, announced: 'STARTED' } : undefined;
}
