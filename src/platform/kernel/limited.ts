import { Unavailable } from './refusal.ts';

export interface Limit {
  /** Tasks that run at once. */
  readonly running: number;
  /** Tasks that wait; one more is refused. */
  readonly waiting: number;
  /** Of the refusal, for the log. */
  readonly refusal: string;
}

/** Limits how many tasks run and wait. The counts are for metrics and tests. */
export interface Limited {
  /** Runs the task when a place is free, first in first out. Rejects with Unavailable OVERLOADED when too many wait. */
  run<T>(task: () => Promise<T>): Promise<T>;
  readonly running: () => number;
  readonly waiting: () => number;
}

export function limited(limit: Limit): Limited {
  const queue: (() => void)[] = [];
  let running = 0;

  async function acquire(): Promise<void> {
    if (running < limit.running) {
      running += 1;
      return;
    }
    if (queue.length >= limit.waiting) throw new Unavailable('OVERLOADED', limit.refusal, 5);
    // A task that ends passes its place on, so `running` does not change.
    await new Promise<void>((resolve) => queue.push(resolve));
  }

  return {
    async run(task) {
      await acquire();
      try {
        return await task();
      } finally {
        const next = queue.shift();
        if (next === undefined) running -= 1;
        else next();
      }
    },
    running: () => running,
    waiting: () => queue.length,
  };
}
