import { withTimeout } from '../../../../platform/kernel/timeout.ts';

/** Reading metrics does not wait longer for a database that does not respond. */
const READ_MS = 2_000;

/**
 * Returns how long the oldest fact has waited to be written, in seconds; 0 when none waits. While it cannot be read, the last value grows with the time since
 * then: nothing is written meanwhile either. Never rejects.
 * @param oldestSeconds reads the age of the oldest fact that waits
 */
export function measureLag(oldestSeconds: () => Promise<number>): () => Promise<number> {
  let last = { seconds: 0, atMs: performance.now() };
  return async () => {
    const read = withTimeout(oldestSeconds(), READ_MS, () => new Error('the facts that wait were not read in time'));
    return await read.then(
      (seconds) => {
        last = { seconds, atMs: performance.now() };
        return seconds;
      },
      () => last.seconds + (performance.now() - last.atMs) / 1_000,
    );
  };
}
