/** An admitted request should be answered within this: half of the second after which an answer counts as late. */
export const TARGET_MS = 500;
/** Before anything is known: at 10,000 requests a second these take 0.4 s. */
export const START_LIMIT = 4_096;
/** One full batch. With fewer in flight the database would be idle while batches fill, and answering costs about what refusing costs. */
export const LIMIT_MIN = 256;
const LIMIT_MAX = 65_536;
/** A request that may have waited in its socket for so long is late already. */
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

/** `limit`: as many are in flight as can be answered in time. `late`: the event loop was blocked, and the request waited in its socket behind a full batch. */
export type ShedReason = 'limit' | 'late';

/**
 * Decides which requests a node admits, so that those that it does admit are answered in time. By Little's law a request that enters
 * waits for (requests in flight) / (rate of answers), so at most rate x target may be in flight. The rate is measured while
 * requests queue; while they do not, nothing but the limit that was there is known, and it rises when it is reached. Beyond one batch, what the event loop did not read for a second is refused, too. Times are milliseconds of a monotonic clock.
 */
export interface Admission {
  /** Why a request that is read now should be refused; undefined: nothing is against it. */
  check(): ShedReason | undefined;
  /** Counts a request as in flight. Returns the function that ends this; a second call has no effect. */
  enter(): () => void;
  /** Call every 25 ms. A beat that comes late shows that the event loop was blocked. */
  beat(): void;
  inFlight(): number;
  limit(): number;
}

interface Entry {
  readonly enteredAt: number;
}

interface Window {
  readonly answers: number;
  readonly ms: number;
}

export function createAdmission(now: () => number): Admission {
  let limit = START_LIMIT;
  const inFlight = new Set<Entry>();
  /** The event loop ran its timers at these times: what it reads after the later one arrived after the earlier one. */
  let lastBeat = now();
  let beatBefore = lastBeat;
  let windows: Window[] = [];
  let busyAt = lastBeat;
  let windowStart = lastBeat;
  let wasBusy = false;
  let wasFull = false;
  let answers = 0;

  /** Requests that were answered at once say nothing of the rate at which those that queue are. Entries are in order of their time. */
  function isQueueShort(at: number): boolean {
    let waiting = 0;
    for (const { enteredAt } of inFlight) {
      if (at - enteredAt < TARGET_MS / 2) break;
      waiting += 1;
    }
    return waiting < inFlight.size * QUEUE_SHARE;
  }

  /** Busy windows only: a node that is not busy answers what arrives, which says nothing about what it could answer. */
  function measure(at: number): void {
    busyAt = at;
    windows = [...windows.slice(1 - WINDOWS), { answers, ms: at - windowStart }];
    if (isQueueShort(at)) {
      if (wasFull) limit = Math.min(LIMIT_MAX, Math.ceil(limit * GROWTH));
      return;
    }
    const total = windows.reduce((sum, window) => ({ answers: sum.answers + window.answers, ms: sum.ms + window.ms }));
    if (!wasFull && inFlight.size * total.ms <= total.answers * TARGET_MS) return;
    limit = Math.min(LIMIT_MAX, Math.max(LIMIT_MIN, Math.ceil((total.answers / total.ms) * TARGET_MS)));
  }

  function forget(): void {
    windows = [];
    limit = START_LIMIT;
  }

  function closeWindow(at: number): void {
    if (wasBusy) measure(at);
    else if (at - busyAt > FORGET_MS) forget();
    [windowStart, wasBusy, wasFull, answers] = [at, inFlight.size >= LIMIT_MIN, false, 0];
  }

  return {
    check() {
      // An idle node that was blocked once answers, and so does one whose event loop only just reads what arrives.
      if (inFlight.size < LIMIT_MIN) return undefined;
      if (inFlight.size >= limit) {
        wasFull = true;
        return 'limit';
      }
      return now() - beatBefore > LATE_MS ? 'late' : undefined;
    },
    enter() {
      const entry = { enteredAt: now() };
      inFlight.add(entry);
      return () => {
        if (inFlight.delete(entry) && now() - entry.enteredAt >= QUEUED_MS) answers += 1;
      };
    },
    beat() {
      const at = now();
      beatBefore = lastBeat;
      lastBeat = at;
      if (at - windowStart >= WINDOW_MS) closeWindow(at);
    },
    inFlight: () => inFlight.size,
    limit: () => limit,
  };
}
