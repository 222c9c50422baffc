import { Unavailable } from './refusal.ts';

export interface Limit {
  /** Tasks that run at once. */
  readonly running: number;
  /** Tasks that wait; one more is refused. */
  readonly waiting: number;
  /** A task that has waited so long is refused. Default: none is. */
  readonly waitMaxMs?: number;
  /** Of the refusal, for the log. */
  readonly refusal: string;
}

/** Limits how many tasks run and wait. The counts are for metrics and tests. */
export interface Limited {
  /** Runs the task when a place is free, first in first out. Rejects with Unavailable OVERLOADED when too many wait, or it waited too long. */
  run<T>(task: () => Promise<T>): Promise<T>;
  readonly running: () => number;
  readonly waiting: () => number;
}

export function limited(limit: Limit): Limited {
  const queue = new Set<() => void>();
  let running = 0;
  const refusal = () => new Unavailable('OVERLOADED', limit.refusal, 5);

  async function acquire(): Promise<void> {
    if (running < limit.running) {
      running += 1;
      return;
    }
    if (queue.size >= limit.waiting) throw refusal();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    queue.add(resolve);
    const { waitMaxMs } = limit;
    const timer =
      waitMaxMs &&
      setTimeout(() => {
        if (queue.delete(resolve)) reject(refusal());
      }, waitMaxMs);
    // A task that ends passes its place on, so `running` does not change.
    await promise.finally(() => clearTimeout(timer));
  }

  return {
    async run(task) {
      await acquire();
      try {
        return await task();
      } finally {
        const [next] = queue;
        if (next === undefined) running -= 1;
        else {
          queue.delete(next);
          next();
        }
      }
    },
    running: () => running,
    waiting: () => queue.size,
  };
}
