import { withTimeout } from '../kernel/timeout.ts';

/** A page of metrics does not wait longer for what is read elsewhere: everything of a page is read at the same time. */
const WAIT_MAX_MS = 250;
/** A read that hangs is given up, so that a later page reads again. Checks of dependencies end within 2 s. */
const READ_MAX_MS = 5_000;

/**
 * Reads a value for a page of metrics. Resolves within 250 ms: with the value, or with the one that was read last, or with undefined where there is none.
 * Never rejects. One read runs at a time; one that takes longer serves the pages after it. After a read that failed there is no value.
 * @param initial what pages get until the first read has ended
 */
export function lastKnown<Value>(read: () => Promise<Value>, initial?: Value): () => Promise<Value | undefined> {
  const late = () => new Error('not read in time');
  let last = initial;
  let reading: Promise<void> | undefined;
  const readOnce = async (): Promise<void> => {
    last = await withTimeout(read(), READ_MAX_MS, late).catch(() => undefined);
    reading = undefined;
  };
  return async () => {
    reading ??= readOnce();
    await withTimeout(reading, WAIT_MAX_MS, late).catch(() => undefined);
    return last;
  };
}
