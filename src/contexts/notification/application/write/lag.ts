import { lastKnown } from '../../../../platform/telemetry/last-known.ts';

/**
 * Returns how long the oldest fact has waited to be written, in seconds; 0 when none waits. While it cannot be read, the last value grows with the time since
 * then: nothing is written meanwhile either. Never rejects.
 * @param oldestSeconds reads the age of the oldest fact that waits
 */
export function measureLag(oldestSeconds: () => Promise<number>): () => Promise<number> {
  const read = lastKnown(async () => ({ seconds: await oldestSeconds(), atMs: performance.now() }));
  let last = { seconds: 0, atMs: performance.now() };
  return async () => {
    last = (await read()) ?? last;
    return last.seconds + (performance.now() - last.atMs) / 1_000;
  };
}
