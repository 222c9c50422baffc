import { backoffMs } from './retry.ts';

/** A request is sent this often before the rush counts an error; with the backoff that is about a minute. */
const ATTEMPTS_MAX = 30;

/** Somebody who has no final answer yet. */
export interface Asking {
  readonly asker: number;
  /** What is asked, when it is not the first request. */
  follows: Uint8Array | undefined;
  step: number;
  attempts: number;
  beganMs: number;
  firstSentMs: number;
  sentMs: number;
}

export interface AskingQueue {
  /** Who asks next: someone who has to go on or ask again, else the next one; undefined when nobody waits right now. */
  next(nowMs: number): Asking | undefined;
  /** Comes back after a backoff, or counts as given up. */
  again(asking: Asking, retryAfterMs: number | undefined): void;
  /** Has an answer, and asks something else at once. */
  follow(asking: Asking, request: Uint8Array): void;
  /** One more asker is done. */
  settle(): void;
  /** Ends the rush for whoever is left. */
  stop(): void;
  isDone(): boolean;
  readonly done: Promise<void>;
}

/** The askers 0 to `count - 1`, in order. `onReady` hears that somebody waits who was not waiting before. */
export function askingQueue(count: number, onReady: () => void): AskingQueue {
  const again: Asking[] = [];
  const done = Promise.withResolvers<void>();
  let nextAsker = 0;
  let left = count;
  const finishOne = (): void => {
    left -= 1;
    if (left <= 0) done.resolve();
  };
  const newcomer = (nowMs: number): Asking | undefined =>
    nextAsker < count
      ? { asker: nextAsker++, follows: undefined, step: 0, attempts: 0, beganMs: nowMs, firstSentMs: -1, sentMs: nowMs }
      : undefined;
  if (count === 0) done.resolve();
  return {
    next(nowMs) {
      const asking = again.pop() ?? newcomer(nowMs);
      if (asking !== undefined) {
        if (asking.attempts === 0) asking.firstSentMs = nowMs;
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
    follow(asking, request) {
      asking.follows = request;
      asking.step += 1;
      asking.attempts = 0;
      again.push(asking);
      onReady();
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
