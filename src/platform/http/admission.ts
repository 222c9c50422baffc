import Denque from 'denque';

/** The time in which an admitted request should get its response. The p99 is about twice this, and a response after 1 s counts as late. */
export const TARGET_MS = 400;
/** The limit before a rate was measured. 2,048 requests take 0.7 s at 3,000 checkouts a second. */
export const START_LIMIT = 2_048;
/** Two full batches. With fewer requests in flight PostgreSQL would be idle while batches fill. */
export const LIMIT_MIN = 512;
const LIMIT_MAX = 65_536;
/** At least this many of the requests in flight are handled at the same time; the others wait. */
export const CONCURRENCY_MIN = 1_024;
/** The time that handling a request should take. When more requests are handled at a time, garbage collection slows all of them down. */
const HANDLING_MS = 75;
/** After this time in which requests were refused without a pause, a queue only delays: it serves bursts, and this is none. */
export const STANDING_MS = 1_000;
/** A request that has waited this long is refused: its response would be late. */
export const LATE_MS = 1_000;
/** The interval of `tick`. */
export const TICK_MS = 25;
/** The rate is an average over this many windows in which the node was busy. */
const WINDOWS = 10;
const WINDOW_MS = 100;
/** After this time without load the measured rate is discarded. */
const FORGET_MS = 10_000;
/** Faster responses do not count in the rate: refusals from memory would make PostgreSQL look faster than it is. */
const QUEUED_MS = 20;
/** The queue is short while less than this share of the requests in flight has waited for half of the target. */
const QUEUE_SHARE = 1 / 8;
/** While the queue is short, the limit is multiplied by this in every window in which it was reached. */
const GROWTH = 1.25;

/**
 * `limit`: the node cannot complete more requests in time. `late`: the request waited too long, for its turn or in its socket while the event loop was blocked.
 * `route`: as many of its route are handled as may be.
 */
export type ShedReason = 'limit' | 'late' | 'route';

/** The decision on a request that was read: handle it now, let it wait, or refuse it. */
export type Verdict = 'start' | 'wait' | Exclude<ShedReason, 'route'>;

/** A request that waits for its turn. */
export interface WaitingRequest {
  /** Called when its turn has come. Pass `arrivedAt` on to `enter`. */
  start(arrivedAt: number): void;
  /** Called when its turn did not come in time. */
  refuse(reason: ShedReason): void;
}

/**
 * Decides which requests a node admits, so that it can complete those in time. By Little's law a new request waits for (requests in
 * flight) / (rate of responses), so at most rate x target may be in flight. The rate is measured while requests queue. While the queue
 * is short the capacity is unknown, and the limit rises when it is reached. Only a part of the requests in flight is handled at the same
 * time. A queue serves bursts: when requests have been refused for a second without a pause, none waits until there is a pause.
 * Times are milliseconds of a monotonic clock.
 */
export interface Admission {
  check(): Verdict;
  /** Starts a request as soon as enough of those before it are complete. */
  wait(request: WaitingRequest): void;
  /** Counts a request as handled, from now on. */
  enter(arrivedAt?: number): HandledRequest;
  /** Call every 25 ms. A tick that comes late shows that the event loop was blocked. */
  tick(): void;
  /** The number of requests that are handled or wait for their turn. */
  inFlight(): number;
  limit(): number;
}

export interface HandledRequest {
  /** Ends the counting. A second call has no effect. */
  leave(): void;
  /**
   * Leaves its response out of the rate. For requests that bypass admission: they follow on other requests, and with them in the rate
   * a user with two requests would wait for twice the target.
   */
  excludeFromRate(): void;
}

/** A class, because a request of a rush has few microseconds for its bookkeeping, and closures cost more than methods. */
class Entry implements HandledRequest {
  readonly arrivedAt: number;
  countsInRate = true;
  readonly #onLeave: (entry: Entry) => void;

  constructor(arrivedAt: number, onLeave: (entry: Entry) => void) {
    this.arrivedAt = arrivedAt;
    this.#onLeave = onLeave;
  }

  leave(): void {
    this.#onLeave(this);
  }

  excludeFromRate(): void {
    this.countsInRate = false;
  }
}

interface Waiting extends WaitingRequest {
  readonly arrivedAt: number;
}

interface Window {
  readonly answers: number;
  readonly ms: number;
}

export function createAdmission(now: () => number): Admission {
  let limit = START_LIMIT;
  let concurrency = CONCURRENCY_MIN;
  /** Responses per millisecond, as last measured. */
  let rate = 0;
  const handled = new Set<Entry>();
  const waiting = new Denque<Waiting>();
  /** The event loop ran its timers at these times: what it reads after the later one arrived after the earlier one. */
  let lastTickMs = now();
  let previousTickMs = lastTickMs;
  let windows: Window[] = [];
  let busyAt = lastTickMs;
  let windowStart = lastTickMs;
  let wasBusy = false;
  let wasFull = false;
  /** The start of the windows that were full without a pause, up to now. */
  let fullSince: number | undefined;
  let isStanding = false;
  let answers = 0;
  const inFlight = (): number => handled.size + waiting.length;

  /** Requests that got a response at once say nothing of the rate at which those that queue are. Entries are in order of their time. */
  function isQueueShort(at: number): boolean {
    const next = waiting.peekFront();
    if (next && at - next.arrivedAt >= TARGET_MS / 2) return false;
    let slow = 0;
    for (const { arrivedAt } of handled) {
      if (at - arrivedAt < TARGET_MS / 2) break;
      slow += 1;
    }
    return slow < inFlight() * QUEUE_SHARE;
  }

  /** Starts the request that has waited longest, or refuses it when it is too late for that. */
  function startNext(at: number): void {
    const next = waiting.shift();
    if (next === undefined) return;
    if (at - next.arrivedAt > LATE_MS) next.refuse('late');
    else next.start(next.arrivedAt);
  }

  const within = (requests: number): number => Math.min(LIMIT_MAX, Math.max(LIMIT_MIN, Math.ceil(requests)));

  /** Busy windows only: a node that is not busy completes what arrives, which says nothing about what it could complete. */
  function measure(at: number): void {
    busyAt = at;
    windows = [...windows.slice(1 - WINDOWS), { answers, ms: at - windowStart }];
    if (!isStanding && isQueueShort(at)) {
      if (wasFull) limit = within(limit * GROWTH);
      return;
    }
    const total = windows.reduce((sum, window) => ({
      answers: sum.answers + window.answers,
      ms: sum.ms + window.ms,
    }));
    rate = total.answers / total.ms;
    concurrency = Math.max(CONCURRENCY_MIN, rate * HANDLING_MS);
    const queued = within(rate * TARGET_MS);
    if (isStanding) limit = Math.min(queued, within(concurrency));
    else if (wasFull || inFlight() > queued) limit = queued;
  }

  function judgeQueue(at: number): void {
    fullSince = wasFull ? (fullSince ?? windowStart) : undefined;
    const stands = fullSince !== undefined && at - fullSince >= STANDING_MS;
    // The next burst may queue again.
    if (isStanding && !stands) limit = within(rate * TARGET_MS);
    isStanding = stands;
  }

  function forget(): void {
    windows = [];
    limit = START_LIMIT;
    concurrency = CONCURRENCY_MIN;
  }

  function closeWindow(at: number): void {
    judgeQueue(at);
    if (wasBusy) measure(at);
    else if (at - busyAt > FORGET_MS) forget();
    [windowStart, wasBusy, wasFull, answers] = [at, inFlight() >= LIMIT_MIN, false, 0];
  }

  function leave(entry: Entry): void {
    if (!handled.delete(entry)) return;
    const at = now();
    if (entry.countsInRate && at - entry.arrivedAt >= QUEUED_MS) answers += 1;
    if (handled.size < concurrency) startNext(at);
  }

  return {
    check() {
      // An idle node that was blocked once admits the request, and so does one whose event loop only just reads what arrives.
      if (inFlight() < LIMIT_MIN) return 'start';
      if (inFlight() >= limit) {
        wasFull = true;
        return 'limit';
      }
      if (now() - previousTickMs > LATE_MS) return 'late';
      return waiting.length === 0 && handled.size < concurrency ? 'start' : 'wait';
    },
    wait({ start, refuse }) {
      waiting.push({ start, refuse, arrivedAt: now() });
    },
    enter(arrivedAt = now()) {
      const entry = new Entry(arrivedAt, leave);
      handled.add(entry);
      return entry;
    },
    tick() {
      const at = now();
      previousTickMs = lastTickMs;
      lastTickMs = at;
      if (at - windowStart >= WINDOW_MS) closeWindow(at);
      // Of those that were started some never enter, because their client went away or does not send its body.
      for (let room = concurrency - handled.size; room > 0; room--) startNext(at);
      for (let next = waiting.peekFront(); next && at - next.arrivedAt > LATE_MS; next = waiting.peekFront())
        startNext(at);
    },
    inFlight,
    limit: () => limit,
  };
}
