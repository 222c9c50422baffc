const FIRST_MS = 5_000;
const MAX_MS = 3_600_000;
/** After 5 s, 20 s, 80 s, 5 min, 21 min, then each hour: for a day. */
export const TRIES_MAX = 28;

/** How long to wait after the attempt with this number, from 1. */
export const retryAfterMs = (attempt: number): number => Math.min(FIRST_MS * 4 ** Math.min(attempt - 1, 10), MAX_MS);
