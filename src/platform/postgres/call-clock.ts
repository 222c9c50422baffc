import type { CallClock } from '../kernel/clock.ts';
import type { Sample } from './clock-estimate.ts';

/** Times that differ by less agree. */
const AGREE_MS = 2_000;
/** A process measures each minute, so all have measured the database's clock by then. */
export const SETTLE_MS = 75_000;
/** Until the last process has changed to a new time, and, where the clock jumped back meanwhile, has noticed that. */
export const KNOWN_MS = 3 * SETTLE_MS;

/** Follows the measurements of the database's clock. */
export interface MeasuredCallClock extends CallClock {
  accept(sample: Sample): void;
}

const aheadIn = ({ databaseMs, monotonicMs }: Sample): number => databaseMs - monotonicMs;
const agree = (aMs: number, bMs: number): boolean => Math.abs(aMs - bMs) < AGREE_MS;

/**
 * Returns the time by which processes know each other's calls: the database's, but 75 s after it jumped. Processes notice a jump up to a minute apart. Until
 * all have noticed it they sign calls by the time of before, and as each accepts both times for longer than that, none refuses another one.
 */
export function callClock(first: Sample, monotonic: () => number): MeasuredCallClock {
  let measured = first;
  /** What the time of calls is ahead of the monotonic clock, in ms. */
  let aheadMs = aheadIn(first);
  /** By the monotonic clock. */
  let settledAtMs = first.monotonicMs;
  let former: readonly { readonly aheadMs: number; readonly untilMs: number }[] = [];

  function follow(isSuspension: boolean): void {
    const measuredMs = aheadIn(measured);
    if (isSuspension || monotonic() >= settledAtMs || agree(measuredMs, aheadMs)) aheadMs = measuredMs;
  }

  function now(): number {
    follow(false);
    return aheadMs + monotonic();
  }

  return {
    now,
    times() {
      const nowMs = now();
      const passedMs = monotonic();
      const known = former.filter(({ untilMs }) => untilMs > passedMs);
      return [nowMs, aheadIn(measured) + passedMs, ...known.map((each) => each.aheadMs + passedMs)];
    },
    accept(sample) {
      const before = measured;
      measured = sample;
      const hasJumped = !agree(aheadIn(before), aheadIn(sample));
      if (hasJumped) {
        const untilMs = sample.monotonicMs + KNOWN_MS;
        const known = former.filter((each) => each.untilMs > sample.monotonicMs);
        former = [...known, { aheadMs, untilMs }, { aheadMs: aheadIn(before), untilMs }];
        settledAtMs = sample.monotonicMs + SETTLE_MS;
      }
      // The wall clock went on as the database's did: only the monotonic one stopped.
      follow(hasJumped && agree(before.offsetMs, sample.offsetMs));
    },
  };
}
