import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** Between the end of one collection for a page and the start of the next one. */
const PAGE_PAUSE_MS = 250;
/** A collection that hangs holds up others for this long. */
const COLLECTION_MAX_MS = 5_000;

/** One collection for all callers before it begins: that of all metrics costs 2 ms of CPU. */
export function collectOnce<Value>(collect: () => Promise<Value>): () => Promise<Value> {
  let upcoming: Promise<Value> | undefined;
  return () => {
    upcoming ??= new Promise((resolve) => {
      setImmediate(() => {
        upcoming = undefined;
        resolve(collect());
      });
    });
    return upcoming;
  };
}

/**
 * As `collectOnce`, for pages that anybody may read without a rate limit: collections run one after another with a pause between them, so that any number of
 * readers costs the same. Each caller gets what was collected after the call.
 */
export function collectForPage<Value>(
  collect: () => Promise<Value>,
  pause: () => Promise<unknown> = () => sleep(PAGE_PAUSE_MS, undefined, { ref: false }),
): () => Promise<Value> {
  let upcoming: Promise<Value> | undefined;
  let free: Promise<unknown> = Promise.resolve();
  const collectNext = async (): Promise<Value> => {
    await free;
    await nextTurn();
    upcoming = undefined;
    const collected = collect();
    const limit = sleep(COLLECTION_MAX_MS, undefined, { ref: false });
    free = Promise.race([Promise.allSettled([collected]), limit]).then(pause);
    return await collected;
  };
  return () => {
    upcoming ??= collectNext();
    return upcoming;
  };
}
