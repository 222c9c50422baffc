/** What became of one request. */
export type Attempt =
  | { readonly kind: 'DELIVERED'; readonly status: number }
  /** The receiver wants no more: 410. */
  | { readonly kind: 'GONE'; readonly status: number }
  | {
      readonly kind: 'FAILED';
      /** Null: there was no response. */
      readonly status: number | null;
      /** A code without data of the receiver. */
      readonly error: string;
      /** What the receiver asked for by Retry-After. */
      readonly pauseMs?: number | undefined;
    };

const GONE = 410;
/** Statuses whose Retry-After is meant for the sender as a whole. */
const PAUSING: ReadonlySet<number> = new Set([429, 503]);

/** What a response says: 2xx is a success, whatever its body. A redirect is a failure: a receiver states its address. */
export function attemptOf(status: number, retryAfter: string | undefined, nowMs: number): Attempt {
  if (status >= 200 && status < 300) return { kind: 'DELIVERED', status };
  if (status === GONE) return { kind: 'GONE', status };
  const error = status >= 300 && status < 400 ? 'REDIRECT' : 'STATUS';
  return { kind: 'FAILED', status, error, pauseMs: PAUSING.has(status) ? pauseOf(retryAfter, nowMs) : undefined };
}

/** RFC 9110: seconds, or a date. Undefined: there is none that makes sense. */
function pauseOf(retryAfter: string | undefined, nowMs: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1_000;
  const ms = Date.parse(retryAfter) - nowMs;
  return ms > 0 ? ms : undefined;
}
