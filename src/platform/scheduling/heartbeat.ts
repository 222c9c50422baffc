const TOUCH_MS = 2_000;
/** Below the heartbeat timeout after which the queue gives the run to another node (10 s is the minimum of pg-boss). */
const LOST_MS = 8_000;

/** After this long without a heartbeat the queue takes the node of a run for dead. */
export const HEARTBEAT_SECONDS = 10;

/**
 * Sends heartbeats of a run to the queue. Calls `onLost` when the run may belong to another node: the queue says so, or did not respond
 * for 8 s because PostgreSQL was not available or this process was frozen. A process that wakes runs its timers first, so a run that
 * was given to another node ends before its next batch.
 * @returns a function that stops the heartbeats
 */
export function startHeartbeat(touch: () => Promise<boolean>, onLost: () => void): () => void {
  let heardAt = performance.now();
  const timer = setInterval(() => {
    const sentAt = performance.now();
    if (sentAt - heardAt > LOST_MS) return onLost();
    touch().then(
      (isOurs) => {
        if (isOurs) heardAt = sentAt;
        else onLost();
      },
      () => undefined, // no response: the next heartbeat checks LOST_MS
    );
  }, TOUCH_MS);
  return () => clearInterval(timer);
}
