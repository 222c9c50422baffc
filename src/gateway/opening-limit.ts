import { askedLately } from '../platform/kernel/asked-lately.ts';
import type { Clock } from '../platform/kernel/clock.ts';
import { refuseWhen } from './limits.ts';

/** Throws RATE_LIMITED. */
export type OpeningLimit = (timeSaleId: bigint, userId: bigint) => void;

/**
 * Instead of the general limit where everybody comes at once: one request a user, sale and second. Each node counts by itself,
 * because a counter in PostgreSQL costs as much as the order.
 */
export function openingLimit(clock: Clock): OpeningLimit {
  const lately = askedLately();
  return (timeSaleId, userId) => {
    const nowMs = clock();
    refuseWhen(lately.has(timeSaleId, userId, nowMs), 1);
    lately.add(timeSaleId, userId, nowMs);
  };
}
