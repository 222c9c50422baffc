import { askedLately } from '../platform/kernel/asked-lately.ts';
import type { Clock } from '../platform/kernel/clock.ts';
import { refuseWhen } from './limits.ts';

/** Throws RATE_LIMITED. */
export type OpeningLimit = (userId: bigint) => void;

/**
 * Instead of the general limit where everybody comes at once: one request a user and second, whichever sale is named: a
 * limit for each would be none for who makes ids up. Each node counts by itself, because nearly all ask once, and a shared counter
 * would be a row for each of them.
 */
export function openingLimit(clock: Clock): OpeningLimit {
  const lately = askedLately<bigint>();
  return (userId) => {
    const nowMs = clock();
    refuseWhen(lately.has(userId, nowMs), 1);
    lately.add(userId, nowMs);
  };
}
