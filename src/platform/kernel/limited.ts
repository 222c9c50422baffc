import { Unavailable } from './refusal.ts';

export interface Limit {
  /** Tasks that run at once. */
  readonly running: number;
  /** Tasks of one rank that wait; one more is refused. */
  readonly waiting: number;
  /** A task that has waited so long is refused. Default: none is. */
  readonly waitMaxMs?: number;
  /** Of the refusal, for the log. */
  readonly refusal: string;
}

/** Limits how many tasks run and wait. The counts are for metrics and tests. */
export interface Limited {
  /**
   * Runs the task when a place is free: the lowest rank first (default 0), within a rank first in first out. Every fourth place goes to the task that has
   * waited longest, so that no rank starves. Rejects with Unavailable OVERLOADED when too many of its rank wait, or it waited too long.
   */
  run<T>(task: () => Promise<T>, rank?: number): Promise<T>;
  readonly running: () => number;
  readonly waiting: () => number;
}

interface Waiting {
  readonly rank: number;
  readonly start: () => void;
}

const OLDEST_EVERY = 4;

export function limited(limit: Limit): Limited {
  /** In the order of arrival. */
  const queue = new Set<Waiting>();
  let running = 0;
  let passedOn = 0;
  const refusal = () => new Unavailable('OVERLOADED', limit.refusal, 5);

  async function acquire(rank: number): Promise<void> {
    if (running < limit.running) {
      running += 1;
      return;
    }
    const ofRank = [...queue].filter((each) => each.rank === rank);
    if (ofRank.length >= limit.waiting) throw refusal();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = { rank, start: resolve };
    queue.add(waiting);
    const { waitMaxMs } = limit;
    const timer =
      waitMaxMs &&
      setTimeout(() => {
        if (queue.delete(waiting)) reject(refusal());
      }, waitMaxMs);
    // A task that ends passes its place on, so `running` does not change.
    await promise.finally(() => clearTimeout(timer));
  }

  function next(): Waiting | undefined {
    const [oldest, ...others] = queue;
    passedOn += 1;
    if (oldest === undefined || passedOn % OLDEST_EVERY === 0) return oldest;
    return others.reduce((first, each) => (each.rank < first.rank ? each : first), oldest);
  }

  return {
    async run(task, rank = 0) {
      await acquire(rank);
      try {
        return await task();
      } finally {
        const chosen = next();
        if (chosen === undefined) running -= 1;
        else {
          queue.delete(chosen);
          chosen.start();
        }
      }
    },
    running: () => running,
    waiting: () => queue.size,
  };
}
