import { setTimeout as sleep } from 'node:timers/promises';
import { exponentialBackoff } from '../../platform/kernel/exponential-backoff.ts';

const RETRY_MAX_MS = 10_000;
/** A dependency may be back at any moment, and a retry costs little. */
const OUTAGE_MAX_MS = 1_000;

/**
 * Waits before the next attempt: `baseMs` after the first, four times longer after each further one, at most 10 s, or 1 s during an
 * outage. Returns false when the signal was aborted first.
 */
export async function backoff(
  baseMs: number,
  tried: number,
  signal: AbortSignal,
  why: 'poison' | 'outage',
): Promise<boolean> {
  const ms = exponentialBackoff(tried, {
    firstMs: baseMs,
    maxMs: why === 'outage' ? OUTAGE_MAX_MS : RETRY_MAX_MS,
    factor: 4,
  });
  await sleep(ms, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}
