import { backoffMs } from './retry.ts';

/** A user asks this often before the rush counts an error; with the backoff that is about a minute. */
const ATTEMPTS_MAX = 30;

/** A user who has no final answer yet. */
export interface Asking {
  readonly index: number;
  attempts: number;
  firstSentMs: number;
  sentMs: number;
}

export interface AskingQueue {
  /** Who asks next: someone who has to ask again, else the next user; undefined when nobody waits right now. */
  next(nowMs: number): Asking | undefined;
  /** Comes back after a backoff, or counts as given up. */
  again(asking: Asking, retryAfterMs: number | undefined): void;
  /** One more user has a final answer. */
  settle(): void;
  /** Ends the rush for whoever is left. */
  stop(): void;
  isDone(): boolean;
  readonly done: Promise<void>;
}

/** The users 0 to `count - 1`, in order. `onReady` hears that somebody waits to ask again. */
export function askingQueue(count: number, onReady: () => void): AskingQueue {
  const again: Asking[] = [];
  const done = Promise.withResolvers<void>();
  let nextIndex = 0;
  let left = count;
  const finishOne = (): void => {
    left -= 1;
    if (left <= 0) done.resolve();
  };
  if (count === 0) done.resolve();
  return {
    next(nowMs) {
      const asking =
        again.pop() ??
        (nextIndex < count ? { index: nextIndex++, attempts: 0, firstSentMs: nowMs, sentMs: nowMs } : undefined);
      if (asking !== undefined) {
        asking.attempts += 1;
        asking.sentMs = nowMs;
      }
      return asking;
    },
    again(asking, retryAfterMs) {
      if (asking.attempts >= ATTEMPTS_MAX) return finishOne();
      setTimeout(
        () => {
          again.push(asking);
          onReady();
        },
        backoffMs(asking.attempts, retryAfterMs),
      ).unref();
    },
    settle: finishOne,
    stop() {
      left = 0;
      done.resolve();
    },
    isDone: () => left <= 0,
    done: done.promise,
  };
}
