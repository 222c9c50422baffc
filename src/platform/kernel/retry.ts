import { exponentialBackoff } from './exponential-backoff.ts';

const RETRY = { firstMs: 2_000, maxMs: 60_000, factor: 2 } as const;
/** A larger count would change nothing, and the column is a smallint. */
const ATTEMPTS_MAX = 1_000;

/** When to retry a step that failed once more: after 2, 4, 8 … 60 s. */
export function nextRetry(attempts: number, nowMs: number): { attempts: number; resumeAtMs: number } {
  const tried = Math.min(attempts + 1, ATTEMPTS_MAX);
  return { attempts: tried, resumeAtMs: nowMs + exponentialBackoff(tried, RETRY) };
}
