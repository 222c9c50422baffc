import type { Clock } from '../../platform/kernel/clock.ts';
import { exponentialBackoff } from '../../platform/kernel/exponential-backoff.ts';

const PAUSE = { firstMs: 1_000, maxMs: 30_000, factor: 2 } as const;
/** A worker that served for this long is replaced at once. */
const STABLE_MS = 60_000;
const WINDOW_MS = 60_000;
/** More than these within WINDOW_MS, for each worker, are a crash loop. With the pauses one worker alone does not reach it for two. */
const CRASHES_MAX = 5;

/** When a worker that crashed is replaced. */
export interface Restarts {
  /**
   * Records a crash of the worker at this place, which was forked at `forkedMs`. Returns the pause before it is replaced, in ms; undefined in
   * a crash loop of all workers.
   */
  afterCrash(place: number, forkedMs: number): number | undefined;
}

/** `clock` is monotonic. */
export function restarts(workers: number, clock: Clock): Restarts {
  const inARow = new Map<number, number>();
  let crashes: number[] = [];
  return {
    afterCrash(place, forkedMs) {
      const nowMs = clock();
      crashes = [...crashes.filter((atMs) => atMs > nowMs - WINDOW_MS), nowMs];
      if (crashes.length > CRASHES_MAX * workers) return undefined;
      const before = nowMs - forkedMs >= STABLE_MS ? 0 : (inARow.get(place) ?? 0);
      inARow.set(place, before + 1);
      return before === 0 ? 0 : exponentialBackoff(before, PAUSE);
    },
  };
}
