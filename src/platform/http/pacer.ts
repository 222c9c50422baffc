import Denque from 'denque';

/** Makes calls at a bounded rate, in the order in which they were scheduled. Times are milliseconds of a monotonic clock. */
export interface Pacer {
  /** Makes the call at once when the rate allows it and no earlier call waits; otherwise at a later tick. */
  schedule(call: () => void): void;
  /** Makes the calls that are due. Call it every 25 ms or so. */
  tick(): void;
  /** Makes all calls that wait. */
  flush(): void;
  waiting(): number;
}

export interface PacerLimits {
  /** Calls a second at present; as many as a tenth of it may be made at once after a pause. */
  readonly perSecond: () => number;
  /** No call waits longer than this: while more of them wait than the rate makes in this time, the rate is as much higher. */
  readonly waitMaxMs: number;
}

interface Waiting {
  readonly call: () => void;
  readonly since: number;
}

export function createPacer({ perSecond, waitMaxMs }: PacerLimits, now: () => number): Pacer {
  const queue = new Denque<Waiting>();
  let allowance = perSecond() / 10;
  let refilledAt = now();

  /** All at once at the end of their time would be a burst, and their clients would come back in step. */
  function rateAt(at: number): number {
    const last = queue.peekBack();
    if (last === undefined) return perSecond();
    return Math.max(perSecond(), (queue.length * 1_000) / Math.max(1, last.since + waitMaxMs - at));
  }

  function refill(at: number): void {
    const rate = rateAt(at);
    allowance = Math.min(rate / 10, allowance + ((at - refilledAt) * rate) / 1_000);
    refilledAt = at;
  }

  function callNext(): void {
    queue.shift()?.call();
  }

  return {
    schedule(call) {
      const at = now();
      refill(at);
      queue.push({ call, since: at });
      if (queue.length > 1 || allowance < 1) return;
      allowance -= 1;
      callNext();
    },
    tick() {
      const at = now();
      refill(at);
      for (let next = queue.peekFront(); next !== undefined; next = queue.peekFront()) {
        if (allowance < 1 && at - next.since < waitMaxMs) return;
        allowance = Math.max(0, allowance - 1);
        callNext();
      }
    },
    flush() {
      while (queue.length > 0) callNext();
    },
    waiting: () => queue.length,
  };
}
