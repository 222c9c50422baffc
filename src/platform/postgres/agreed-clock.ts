import type { Clock } from '../kernel/clock.ts';

/** Clocks that differ by less agree. */
const AGREE_MS = 2_000;

/**
 * Returns the time by which processes know each other's calls: the estimate of the database's clock, while the node's own clock agrees with it. When one of the two
 * jumps, the other processes notice that up to a minute earlier or later. Until both agree again this time follows the monotonic clock from the last moment
 * at which they did, and so stays that of the others.
 */
export function agreedClock(estimate: Clock, wall: Clock, monotonic: () => number = () => performance.now()): Clock {
  let aheadMs: number | undefined;
  const now = (): number => {
    const estimateMs = estimate();
    const passedMs = monotonic();
    if (Math.abs(estimateMs - wall()) < AGREE_MS) aheadMs = estimateMs - passedMs;
    return aheadMs === undefined ? estimateMs : aheadMs + passedMs;
  };
  now();
  return now;
}
