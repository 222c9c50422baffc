/**
 * A fact is trusted for this long after the statement that read it was sent. A change by another node is visible after at most this
 * time.
 */
export const TRUST_MS = 1_000;
/** A fact older than this is read again: one request is let through to PostgreSQL. */
export const READ_AGAIN_MS = 500;
/**
 * While that request runs, the fact is trusted for this long. Otherwise, on a machine that takes more than a second for a batch, every
 * refused request would join the queue and make the batches slower still.
 */
export const WAIT_MS = 10_000;

/** When a fact in memory was read. Times are milliseconds of one clock. */
export interface Remembered {
  /** When a statement that read the fact was sent. */
  readonly readAtMs: number;
  /** When a request was last let through to read it again. */
  askedAtMs: number;
}

/** Returns whether a request that reads the fact again is running. */
const isReadAgain = ({ readAtMs, askedAtMs }: Remembered, nowMs: number): boolean =>
  askedAtMs > readAtMs && askedAtMs <= nowMs;

/**
 * Returns whether a request may be refused by this fact now. A fact from the future is not trusted: after a clock was set back it
 * would be for long.
 */
export function isTrusted(fact: Remembered, nowMs: number): boolean {
  const ageMs = nowMs - fact.readAtMs;
  return ageMs >= 0 && ageMs < (isReadAgain(fact, nowMs) ? WAIT_MS : TRUST_MS);
}

/** The same for facts that are not trusted longer while they are read again. */
export function isFresh({ readAtMs }: Remembered, nowMs: number): boolean {
  return nowMs >= readAtMs && nowMs - readAtMs < TRUST_MS;
}

/**
 * Returns true for the one request that has to read the fact again, whatever the fact says; the others are refused by it meanwhile. Call
 * `readEnded` when that request has ended.
 */
export function claimsReading(fact: Remembered, nowMs: number): boolean {
  const ageMs = nowMs - fact.readAtMs;
  if (ageMs < READ_AGAIN_MS || ageMs >= TRUST_MS || isReadAgain(fact, nowMs)) return false;
  fact.askedAtMs = nowMs;
  return true;
}

/** Ends the reading that was claimed at `askedAtMs`. If it read nothing, another request may claim the next one. */
export function readEnded(fact: Remembered, askedAtMs: number): void {
  if (fact.askedAtMs === askedAtMs && fact.readAtMs < askedAtMs) fact.askedAtMs = 0;
}
