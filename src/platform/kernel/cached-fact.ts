/**
 * A cached fact is trusted for this long after the statement that read it was sent. A change by another node is visible after at most
 * this time.
 */
export const TRUST_MS = 1_000;
/** When a fact older than this is needed, one request is passed on to PostgreSQL to refresh it. */
export const REFRESH_AFTER_MS = 500;
/**
 * How long a fact is trusted while that request is in flight. On a machine that takes more than a second for a batch, every refused
 * request would otherwise join the queue and make the batches slower still.
 */
export const REFRESH_WAIT_MS = 10_000;
/** Before any time of a monotonic clock. */
export const NEVER_MS = Number.NEGATIVE_INFINITY;

/**
 * When a cached fact was read. All times here are milliseconds of the process's monotonic clock, because the estimate of the database's
 * clock steps back when it is corrected, and a fact would be trusted for longer by as much.
 */
export interface CachedFact {
  /** When a statement that read the fact was sent. */
  readonly readAtMs: number;
  /** When a request was last passed on to refresh the fact. NEVER_MS: none is in flight. */
  refreshStartedAtMs: number;
}

/** Returns true while a request is in flight that refreshes the fact. */
const isRefreshing = ({ readAtMs, refreshStartedAtMs }: CachedFact, nowMs: number): boolean =>
  refreshStartedAtMs > readAtMs && refreshStartedAtMs <= nowMs;

/**
 * Returns whether a request may be refused by this fact now. A fact that was read after `nowMs` is not trusted.
 */
export function isTrusted(fact: CachedFact, nowMs: number): boolean {
  const ageMs = nowMs - fact.readAtMs;
  return ageMs >= 0 && ageMs < (isRefreshing(fact, nowMs) ? REFRESH_WAIT_MS : TRUST_MS);
}

/** The same for facts that are not trusted longer while they are refreshed. */
export function isFresh({ readAtMs }: Pick<CachedFact, 'readAtMs'>, nowMs: number): boolean {
  return nowMs >= readAtMs && nowMs - readAtMs < TRUST_MS;
}

/**
 * Returns true for the one request that has to refresh the fact, whatever the fact says; the others are refused by it meanwhile. Call
 * `endRefresh` when that request has ended.
 */
export function startsRefresh(fact: CachedFact, nowMs: number): boolean {
  const ageMs = nowMs - fact.readAtMs;
  if (ageMs < REFRESH_AFTER_MS || ageMs >= TRUST_MS || isRefreshing(fact, nowMs)) return false;
  fact.refreshStartedAtMs = nowMs;
  return true;
}

/**
 * Ends the refresh that began at `refreshStartedAtMs`. If it read nothing, because its request failed, was shed or timed out, the fact is
 * trusted no longer than TRUST_MS, and another request may start the next one.
 */
export function endRefresh(fact: CachedFact, refreshStartedAtMs: number): void {
  if (fact.refreshStartedAtMs === refreshStartedAtMs && fact.readAtMs < refreshStartedAtMs)
    fact.refreshStartedAtMs = NEVER_MS;
}
