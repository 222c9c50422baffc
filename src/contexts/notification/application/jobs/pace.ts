import { setTimeout as sleep } from 'node:timers/promises';

/** Runs a step of a job with a pause after it, so that a long job leaves room for requests. */
export interface Pace {
  /** @param weight how much the step does, in any unit */
  run<Result>(weight: number, work: () => Promise<Result>): Promise<Result>;
}

export interface PaceOptions {
  /** What a unit of weight takes at first, in ms, where nothing else runs: a job may begin in the middle of a rush. */
  readonly idleMs: number;
  readonly wait?: (ms: number) => Promise<unknown>;
  readonly now?: () => number;
}

/** The shortest pause, in which waiting work runs first. */
const PAUSE_MIN_MS = 2;
/** The longest, so that a job advances whatever else happens. */
const PAUSE_MAX_MS = 5_000;
/** The longest in comparison with the step before it: a job takes at most so many times what its steps take, and one more. */
const PAUSE_MAX_STEPS = 10;
/** No step counts as faster than by this on an idle system: pages whose users have their notices already write nothing. */
const BEST_MIN = 0.5;
/** A step that is slower than on an idle system by less than this is not slowed down: steps differ. */
const TOLERANCE = 1.5;
/** Of the slowdown beyond it, how many times the step's own time is the pause. */
const FACTOR = 4;
/** The best time is forgotten by this share at each step, because machines and sizes differ. */
const FORGET = 0.002;

/**
 * Pauses the longer, the slower a step was in comparison with the best one: what others slow down slows others down, whether it is this process
 * or the database that they share. So it needs to ask neither.
 */
export function pace({ idleMs, wait = sleep, now = performance.now.bind(performance) }: PaceOptions): Pace {
  let bestMs = idleMs;
  return {
    async run(weight, work) {
      const startedAt = now();
      const result = await work();
      const tookMs = now() - startedAt;
      bestMs = Math.max(idleMs * BEST_MIN, Math.min(bestMs * (1 + FORGET), tookMs / weight));
      const slowdown = tookMs / (bestMs * weight);
      const steps = Math.min(PAUSE_MAX_STEPS, FACTOR * Math.max(0, slowdown - TOLERANCE));
      await wait(Math.min(PAUSE_MAX_MS, PAUSE_MIN_MS + tookMs * steps));
      return result;
    },
  };
}
