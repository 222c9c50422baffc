import { backoffMs } from './retry.ts';

/** Attempts of a request before it counts as an error; with the backoff that is about a minute. */
const ATTEMPTS_MAX = 30;

/** A request without a final response. */
export interface PendingRequest {
  readonly client: number;
  /** The request bytes, when it is not the first request of its client. */
  follows: Uint8Array | undefined;
  step: number;
  attempts: number;
  beganMs: number;
  firstSentMs: number;
  sentMs: number;
}

export interface RequestQueue {
  /** Returns the next request: a follow-up or a retry, else the first request of the next client; undefined when none is due. */
  next(nowMs: number): PendingRequest | undefined;
  /** Retries the request after a backoff, or gives up. */
  again(pending: PendingRequest, retryAfterMs: number | undefined): void;
  /** Queues the follow-up request of a client at once. */
  follow(pending: PendingRequest, request: Uint8Array): void;
  /** Marks one client as done. */
  settle(): void;
  /** Ends the rush for the remaining clients. */
  stop(): void;
  isDone(): boolean;
  readonly done: Promise<void>;
}

/** A queue of the clients 0 to `count - 1`, in order. `onReady` is called when a request becomes due later. */
export function requestQueue(count: number, onReady: () => void): RequestQueue {
  const again: PendingRequest[] = [];
  const done = Promise.withResolvers<void>();
  let nextClient = 0;
  let left = count;
  const finishOne = (): void => {
    left -= 1;
    if (left <= 0) done.resolve();
  };
  const newcomer = (nowMs: number): PendingRequest | undefined =>
    nextClient < count
      ? {
          client: nextClient++,
          follows: undefined,
          step: 0,
          attempts: 0,
          beganMs: nowMs,
          firstSentMs: -1,
          sentMs: nowMs,
        }
      : undefined;
  if (count === 0) done.resolve();
  return {
    next(nowMs) {
      const pending = again.pop() ?? newcomer(nowMs);
      if (pending !== undefined) {
        if (pending.attempts === 0) pending.firstSentMs = nowMs;
        pending.attempts += 1;
        pending.sentMs = nowMs;
      }
      return pending;
    },
    again(pending, retryAfterMs) {
      if (pending.attempts >= ATTEMPTS_MAX) return finishOne();
      setTimeout(
        () => {
          again.push(pending);
          onReady();
        },
        backoffMs(pending.attempts, retryAfterMs),
      ).unref();
    },
    follow(pending, request) {
      pending.follows = request;
      pending.step += 1;
      pending.attempts = 0;
      again.push(pending);
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
