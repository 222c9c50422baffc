const TOUCH_MS = 2_000;
/** Below the heartbeat after which the queue gives the run to another node (pg-boss takes no less than 10 s). */
const LOST_MS = 8_000;

/** The queue takes a run whose node has not been heard of for so long as dead. */
export const HEARTBEAT_SECONDS = 10;

/**
 * Keeps telling the queue that this run is alive, and calls `onLost` when it may no longer be ours: the queue says so, or
 * nothing was heard of the queue for 8 s, because PostgreSQL was away or this process was frozen. Timers come first when
 * a process wakes, so a run that was given to another node ends before its next batch.
 * Answers how to stop.
 */
export function holdRun(touch: () => Promise<boolean>, onLost: () => void): () => void {
  let heardAt = performance.now();
  const timer = setInterval(() => {
    const sentAt = performance.now();
    if (sentAt - heardAt > LOST_MS) return onLost();
    touch().then(
      (isOurs) => {
        if (isOurs) heardAt = sentAt;
        else onLost();
      },
      () => undefined, // not heard of
    );
  }, TOUCH_MS);
  return () => clearInterval(timer);
}
