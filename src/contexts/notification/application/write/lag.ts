import { lastKnown } from '../../../../platform/telemetry/last-known.ts';

/**
 * Returns how long the oldest fact has waited to be written, in seconds; 0 when none waits. While a read is slow, the last value is shown as it is. After a
 * read that failed or was given up, the last value grows with the time since then, because nothing is written meanwhile either. Never rejects.
 * @param oldestSeconds reads the age of the oldest fact that waits
 */
export function measureLag(oldestSeconds: () => Promise<number>): () => Promise<number> {
  let last = { seconds: 0, atMs: performance.now() };
  const read = lastKnown(async () => ({ seconds: await oldestSeconds(), atMs: performance.now() }), last);
  return async () => {
    const known = await read();
    if (known === undefined) return last.seconds + (performance.now() - last.atMs) / 1_000;
    last = known;
    return last.seconds;
  };
}
