import { entryQueue } from '../batching/entry-queue.ts';

/** A request should be answered within this. The slowest hundredth takes twice as long, and an answer after a second counts as late. */
export const TARGET_MS = 400;
/** Before anything is known: at 3,000 checkouts a second these take 0.7 s. */
export const START_LIMIT = 2_048;
/** Two full batches. With fewer in flight the database would be idle while batches fill, and answering costs about what refusing costs. */
export const LIMIT_MIN = 512;
const LIMIT_MAX = 65_536;
/** Of the requests in flight at least so many are handled at the same time; the others wait for their turn. */
export const CONCURRENCY_MIN = 1_024;
/** So long a request should take from its turn on. With more at a time garbage collection takes the time that answers need. */
const HANDLING_MS = 75;
/** Where the fastest request takes longer than that, fewer at a time than this multiple of its duration would leave the database idle. */
const HANDLING_SPREAD = 3;
/** A request that has waited for so long is late already. */
export const LATE_MS = 1_000;
/** How often the controller looks. */
export const BEAT_MS = 25;
/** The rate is measured over so many windows in which the node was busy. */
const WINDOWS = 10;
const WINDOW_MS = 100;
/** What was measured so long ago says nothing about the next opening. */
const FORGET_MS = 10_000;
/** What is answered sooner did not queue. Refusals from memory would make the rate at which the database works look too high. */
const QUEUED_MS = 20;
/** The queue is short while fewer of the requests in flight than this share have waited for half of the target. */
const QUEUE_SHARE = 1 / 8;
/** By how much the limit rises in a window in which it was reached although the queue was short. */
const GROWTH = 1.25;

/** `limit`: as many are in flight as can be answered in time. `late`: it waited too long in its socket, while the event loop was blocked, or for its turn. */
export type ShedReason = 'limit' | 'late';

/** What becomes of a request that is read now: it is handled, or waits for its turn, or is refused. */
export type Verdict = 'start' | 'wait' | ShedReason;

/** A request that waits for its turn. */
export interface WaitingRequest {
  /** Its turn has come. `arrivedAt` is for `enter`. */
  start(arrivedAt: number): void;
  /** Its turn did not come in time. Nothing was begun. */
  refuse(reason: ShedReason): void;
}

/**
 * Decides which requests a node admits, so that those that it does admit are answered in time. By Little's law a request that arrives
 * waits for (requests in flight) / (rate of answers), so at most rate x target may be in flight. The rate is measured while
 * requests queue; while they do not, nothing but the limit that was there is known, and it rises when it is reached. Of those in
 * flight only a part is handled at the same time. Times are milliseconds of a monotonic clock.
 */
export interface Admission {
  check(): Verdict;
  /** Starts a request as soon as enough of those before it are answered. */
  wait(request: WaitingRequest): void;
  /** Counts a started request as handled, from now on. */
  enter(arrivedAt?: number): HandledRequest;
  /** Call every 25 ms. A beat that comes late shows that the event loop was blocked. */
  beat(): void;
  /** Requests that are handled or wait for their turn. */
  inFlight(): number;
  limit(): number;
}

export interface HandledRequest {
  /** It is handled no longer. A second call has no effect. */
  leave(): void;
  /**
   * Its answer does not count in the rate by which others are admitted. For requests that were admitted whatever the load: they
   * follow on others, so with them the rate would promise a user of two requests twice the target.
   */
  excludeFromRate(): void;
}

interface Entry {
  readonly arrivedAt: number;
  readonly startedAt: number;
  countsInRate: boolean;
}

interface Waiting extends WaitingRequest {
  readonly arrivedAt: number;
}

interface Window {
  readonly answers: number;
  readonly ms: number;
  /** The shortest time that a request took which counts; Infinity without one. */
  readonly fastestMs: number;
}

export function createAdmission(now: () => number): Admission {
  let limit = START_LIMIT;
  let concurrency = CONCURRENCY_MIN;
  const handled = new Set<Entry>();
  const waiting = entryQueue<Waiting>();
  /** The event loop ran its timers at these times: what it reads after the later one arrived after the earlier one. */
  let lastBeat = now();
  let beatBefore = lastBeat;
  let windows: Window[] = [];
  let busyAt = lastBeat;
  let windowStart = lastBeat;
  let wasBusy = false;
  let wasFull = false;
  let answers = 0;
  let fastestMs = Number.POSITIVE_INFINITY;
  const inFlight = (): number => handled.size + waiting.size();

  /** Requests that were answered at once say nothing of the rate at which those that queue are. Entries are in order of their time. */
  function isQueueShort(at: number): boolean {
    const next = waiting.peek();
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
    for (const next of waiting.take(1, [])) {
      if (at - next.arrivedAt > LATE_MS) next.refuse('late');
      else next.start(next.arrivedAt);
    }
  }

  /** Busy windows only: a node that is not busy answers what arrives, which says nothing about what it could answer. */
  function measure(at: number): void {
    busyAt = at;
    windows = [...windows.slice(1 - WINDOWS), { answers, ms: at - windowStart, fastestMs }];
    if (isQueueShort(at)) {
      if (wasFull) limit = Math.min(LIMIT_MAX, Math.ceil(limit * GROWTH));
      return;
    }
    const total = windows.reduce((sum, window) => ({
      answers: sum.answers + window.answers,
      ms: sum.ms + window.ms,
      fastestMs: Math.min(sum.fastestMs, window.fastestMs),
    }));
    const perMs = total.answers / total.ms;
    const fastest = Number.isFinite(total.fastestMs) ? total.fastestMs : 0;
    concurrency = Math.max(CONCURRENCY_MIN, perMs * Math.max(HANDLING_MS, HANDLING_SPREAD * fastest));
    if (wasFull || inFlight() > perMs * TARGET_MS)
      limit = Math.min(LIMIT_MAX, Math.max(LIMIT_MIN, Math.ceil(perMs * TARGET_MS)));
  }

  function forget(): void {
    windows = [];
    limit = START_LIMIT;
    concurrency = CONCURRENCY_MIN;
  }

  function closeWindow(at: number): void {
    if (wasBusy) measure(at);
    else if (at - busyAt > FORGET_MS) forget();
    [windowStart, wasBusy, wasFull, answers] = [at, inFlight() >= LIMIT_MIN, false, 0];
    fastestMs = Number.POSITIVE_INFINITY;
  }

  function leave(entry: Entry): void {
    if (!handled.delete(entry)) return;
    const at = now();
    if (entry.countsInRate && at - entry.arrivedAt >= QUEUED_MS) {
      answers += 1;
      fastestMs = Math.min(fastestMs, at - entry.startedAt);
    }
    if (handled.size < concurrency) startNext(at);
  }

  return {
    check() {
      // An idle node that was blocked once answers, and so does one whose event loop only just reads what arrives.
      if (inFlight() < LIMIT_MIN) return 'start';
      if (inFlight() >= limit) {
        wasFull = true;
        return 'limit';
      }
      if (now() - beatBefore > LATE_MS) return 'late';
      return waiting.size() === 0 && handled.size < concurrency ? 'start' : 'wait';
    },
    wait: ({ start, refuse }) => waiting.push({ start, refuse, arrivedAt: now() }),
    enter(arrivedAt = now()) {
      const entry = { arrivedAt, startedAt: now(), countsInRate: true };
      handled.add(entry);
      return {
        leave: () => leave(entry),
        excludeFromRate() {
          entry.countsInRate = false;
        },
      };
    },
    beat() {
      const at = now();
      beatBefore = lastBeat;
      lastBeat = at;
      if (at - windowStart >= WINDOW_MS) closeWindow(at);
      // Of those that were started some never enter, because their client went away or does not send its body.
      for (let room = concurrency - handled.size; room > 0; room--) startNext(at);
      for (let next = waiting.peek(); next && at - next.arrivedAt > LATE_MS; next = waiting.peek()) startNext(at);
    },
    inFlight,
    limit: () => limit,
  };
}
