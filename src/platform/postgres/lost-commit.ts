import { OutcomeUnknown, RolledBack } from './failures.ts';

const ASK_FOR_MS = 3_000;
const ASK_EVERY_MS = 100;

/** Milliseconds, and a way to let them pass. */
export interface Timer {
  now(): number;
  pause(ms: number): Promise<void>;
}

export const processTimer: Timer = {
  now: () => performance.now(),
  pause: (ms) => new Promise((resume) => setTimeout(resume, ms)),
};

/**
 * Finds out what became of a transaction whose COMMIT got no answer. `ask` resolves with whether it was committed, is given how
 * many ms it may take, and is called again while it fails.
 * @returns `result`, when it was committed
 * @throws RolledBack when it was not; OutcomeUnknown when `ask` failed for 3 s
 */
export async function settleLostCommit<Result>(
  result: Result,
  cause: Error,
  ask: (forMs: number) => Promise<boolean>,
  timer = processTimer,
): Promise<Result> {
  const until = timer.now() + ASK_FOR_MS;
  for (;;) {
    let wasCommitted: boolean;
    try {
      wasCommitted = await ask(Math.max(until - timer.now(), ASK_EVERY_MS));
    } catch (error) {
      if (timer.now() > until)
        throw new OutcomeUnknown('PostgreSQL did not say what became of a COMMIT', { cause: error });
      await timer.pause(ASK_EVERY_MS);
      continue;
    }
    if (wasCommitted) return result;
    throw new RolledBack('the connection broke at COMMIT, and the group is not there', { cause });
  }
}
