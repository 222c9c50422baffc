import { exponentialBackoff } from '../../platform/kernel/exponential-backoff.ts';

const RETRY = { firstMs: 50, maxMs: 2_000, factor: 2 } as const;

/** Doubling from 50 ms to 2 s, at least the server's Retry-After (up to 5 s), with jitter so that a load spreads out. */
export function backoffMs(attempts: number, retryAfterMs: number | undefined): number {
  const doubled = exponentialBackoff(attempts, RETRY);
  return Math.max(doubled, Math.min(retryAfterMs ?? 0, 5_000)) * (0.75 + Math.random() * 0.5);
}

/**
 * Nothing was decided: 503, the general limit, or an earlier request with the key that is still running.
 * COUPON_ISSUE_LIMIT_EXCEEDED is a 429 too, but a final one.
 */
export const isBusy = (status: number, code: string | undefined): boolean =>
  status === 503 ||
  (status === 429 && code === 'RATE_LIMITED') ||
  (status === 409 && code === 'IDEMPOTENCY_KEY_IN_USE');
