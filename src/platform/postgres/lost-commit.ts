import { OutcomeUnknown, RolledBack } from './failures.ts';

const LOOK_UP_FOR_MS = 3_000;
const LOOK_UP_EVERY_MS = 100;

/** The time and a way to wait. */
export interface Timer {
  now(): number;
  pause(ms: number): Promise<void>;
}

export const processTimer: Timer = {
  now: () => performance.now(),
  pause: (ms) => new Promise((resume) => setTimeout(resume, ms)),
};

/**
 * Finds the outcome of a transaction whose COMMIT got no response. `lookUp` gets the milliseconds that it may take, and resolves with
 * whether the transaction was committed. It is called again while it fails, for 3 s.
 * @returns `result`, when it was committed
 * @throws RolledBack when it was not; OutcomeUnknown when `lookUp` failed for 3 s
 */
export async function settleLostCommit<Result>(
  result: Result,
  cause: Error,
  lookUp: (forMs: number) => Promise<boolean>,
  timer = processTimer,
): Promise<Result> {
  const until = timer.now() + LOOK_UP_FOR_MS;
  for (;;) {
    let wasCommitted: boolean;
    try {
      wasCommitted = await lookUp(Math.max(until - timer.now(), LOOK_UP_EVERY_MS));
    } catch (error) {
      if (timer.now() > until)
        throw new OutcomeUnknown('the outcome of a COMMIT could not be read from PostgreSQL', { cause: error });
      await timer.pause(LOOK_UP_EVERY_MS);
      continue;
    }
    if (wasCommitted) return result;
    throw new RolledBack('the connection broke at COMMIT, and the batch was not committed', { cause });
  }
}
