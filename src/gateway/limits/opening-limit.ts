import type { Clock } from '../../platform/kernel/clock.ts';
import { recentRequests } from '../../platform/kernel/recent-requests.ts';
import { refuseWhen } from './take.ts';

/** Throws RATE_LIMITED. */
export type OpeningLimit = (userId: bigint) => void;

/**
 * Replaces the general limit at openings: one request a second for each user, over all time sales. A limit for each time sale could be
 * evaded with made-up ids. Each node counts by itself: most users send one request, and a shared counter would be a row for each.
 */
export function openingLimit(clock: Clock): OpeningLimit {
  const recent = recentRequests<bigint>();
  return (userId) => {
    const nowMs = clock();
    refuseWhen(recent.has(userId, nowMs), 1);
    recent.add(userId, nowMs);
  };
}
