import { HOUR_MS } from '../../../../platform/kernel/durations.ts';
import { exponentialBackoff } from '../../../../platform/kernel/exponential-backoff.ts';

const RETRY = { firstMs: 5_000, maxMs: HOUR_MS, factor: 4 } as const;
/** After 5 s, 20 s, 80 s, 5 min, 21 min, then each hour: for a day. */
export const TRIES_MAX = 28;

/** How long to wait after the attempt with this number, from 1. */
export const retryAfterMs = (attempt: number): number => exponentialBackoff(attempt, RETRY);
