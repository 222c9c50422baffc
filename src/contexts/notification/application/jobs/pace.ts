import { setTimeout as sleep } from 'node:timers/promises';

/** Runs work with pauses, so that a long job leaves room for requests. */
export interface Pace {
  run<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** The shortest pause, in which waiting work runs first. */
const PAUSE_MIN_MS = 2;
/** The longest, so that a job advances whatever else happens. */
const PAUSE_MAX_MS = 2_000;
/** The best time of a page is forgotten by this share with each page: the machine, or the size of pages, may have changed. */
const FORGET = 0.002;

/**
 * Pauses after each piece of work, as long as that work took longer than it does on an idle system: what others slow down, slows others
 * down. It sees load of this process and of the database alike, without asking either.
 * @param factor pauses for each ms of delay
 */
export function pace(factor: number): Pace {
  let bestMs = Number.POSITIVE_INFINITY;
  return {
    async run(work) {
      const startedAt = performance.now();
      const result = await work();
      const tookMs = performance.now() - startedAt;
      bestMs = Math.min(bestMs * (1 + FORGET), tookMs);
      await sleep(Math.min(PAUSE_MAX_MS, PAUSE_MIN_MS + factor * (tookMs - bestMs)));
      return result;
    },
  };
}
