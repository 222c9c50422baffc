import { ConnectionError } from './errors.ts';
import { KEY_HEADER } from './idempotency-key.ts';
import type { Send } from './send.ts';
import { wait } from './wait.ts';

/** How requests are repeated. */
export interface RetryOptions {
  /** How often a request is sent at most. 1: it is never repeated. Default: 4. */
  readonly attempts?: number;
  /** The longest delay before the second attempt, doubled before each later one; the delay is a random part of it. Default: 250. */
  readonly delayMs?: number;
  /** The longest such delay. Default: 8,000. */
  readonly delayMaxMs?: number;
  /** A Retry-After up to this is waited for. A longer one is not: the caller gets the refusal. Default: 20,000. */
  readonly retryAfterMaxMs?: number;
}

export type RetryPolicy = Required<RetryOptions>;

export const RETRY_DEFAULTS: RetryPolicy = { attempts: 4, delayMs: 250, delayMaxMs: 8_000, retryAfterMaxMs: 20_000 };

/** Stampede sends these with Retry-After when nothing was decided. Without it a 429 or 409 is a decision, such as a limit of coupons for each user. */
const UNDECIDED: ReadonlySet<number> = new Set([409, 429, 503]);
/** A proxy sends these, without Retry-After, when it has no response of Stampede. */
const OF_PROXIES: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * Repeats a request after a response that says so, and after a failed connection when that is safe: a read, or a request with an Idempotency-Key,
 * which every attempt carries. The last response is returned. The signal ends the delays between attempts, too.
 * @throws ConnectionError when the last attempt got no response
 */
export function retrying(send: Send, policy: RetryPolicy): Send {
  return async (request, signal) => {
    const attempts = isRepeatable(request) ? policy.attempts : 1;
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt >= attempts;
      let delay: number | undefined;
      try {
        const response = await send(isLast ? request : request.clone(), signal);
        delay = isLast ? undefined : delayAfter(response, attempt, policy);
        if (delay === undefined) return response;
      } catch (error) {
        if (signal?.aborted) throw error;
        if (isLast) throw new ConnectionError(attempt, request.headers.get(KEY_HEADER) ?? undefined, { cause: error });
        delay = backoff(attempt, policy);
      }
      await wait(delay, signal);
    }
  };
}

const isRepeatable = ({ method, headers }: Request): boolean => method === 'GET' || headers.has(KEY_HEADER);

/** Undefined: the response is final. */
function delayAfter({ status, headers }: Response, attempt: number, policy: RetryPolicy): number | undefined {
  const retryAfterMs = retryAfter(headers);
  if (retryAfterMs === undefined) return OF_PROXIES.has(status) ? backoff(attempt, policy) : undefined;
  if (!UNDECIDED.has(status) || retryAfterMs > policy.retryAfterMaxMs) return undefined;
  // Behind it, and each client at another time: all that were refused together would return together.
  return retryAfterMs + backoff(attempt, policy);
}

export const backoff = (
  attempt: number,
  { delayMs, delayMaxMs }: Pick<RetryPolicy, 'delayMs' | 'delayMaxMs'>,
): number => Math.random() * Math.min(delayMaxMs, delayMs * 2 ** (attempt - 1));

/** The Retry-After of a response in milliseconds: seconds, or a date. Undefined: there is none that can be read. */
export function retryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
