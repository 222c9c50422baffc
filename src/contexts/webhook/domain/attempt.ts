/** Why an attempt failed, in the words of this system. */
export const ATTEMPT_ERRORS = [
  'STATUS',
  'REDIRECT',
  'GONE',
  'TIMEOUT',
  'ADDRESS_REFUSED',
  'SECRET_UNREADABLE',
  'NO_RESPONSE',
] as const;
/** Why an attempt failed: one of these, or a code of the connection, of TLS or of the look-up of the name, such as ECONNREFUSED. */
export type AttemptError = (typeof ATTEMPT_ERRORS)[number] | ConnectionError;
/** Upper case, at most 50 characters, without data of the receiver. */
export type ConnectionError = string & { readonly ConnectionError: unique symbol };

/** Returns the code of an error of the connection. Undefined: it has none. */
export const connectionError = (code: unknown): ConnectionError | undefined =>
  typeof code === 'string' && /^[A-Z0-9_]{1,50}$/.test(code) ? (code as ConnectionError) : undefined;

/** What became of one request. */
export type Attempt =
  | { readonly kind: 'DELIVERED'; readonly status: number }
  /** The receiver wants no more: 410. */
  | { readonly kind: 'GONE'; readonly status: number }
  | {
      readonly kind: 'FAILED';
      /** Null: there was no response. */
      readonly status: number | null;
      readonly error: AttemptError;
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

/** Why an attempt failed, as one of a few texts: the classes of statuses, and CONNECTION for every code of a connection. Empty when it was delivered. */
export function failureCause(attempt: Attempt): string {
  if (attempt.kind === 'DELIVERED') return '';
  if (attempt.kind === 'GONE') return 'GONE';
  const { error, status } = attempt;
  if (error === 'STATUS') return `STATUS_${Math.floor((status ?? 0) / 100)}XX`;
  return ATTEMPT_ERRORS.some((known) => known === error) ? error : 'CONNECTION';
}
