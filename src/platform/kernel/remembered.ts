/** A fact is trusted for this long after a statement that read it was sent. What another node changed shows within it. */
export const TRUST_MS = 1_000;
/** A fact that is asked for and older than this is read again, by one request that goes on. */
export const READ_AGAIN_MS = 500;
/**
 * While that request is on its way, the fact is trusted for this long: on a machine that takes more than a second for a batch, every
 * refusal would otherwise join the queue, and make the batches slower still.
 */
export const WAIT_MS = 10_000;

/** When a fact in memory was read. Times are milliseconds of one clock. */
export interface Remembered {
  /** When a statement that read the fact was sent. */
  readonly readAtMs: number;
  /** When a request was last sent on to read it again. */
  askedAtMs: number;
}

/** Is a request on its way that reads the fact again? */
const isReadAgain = ({ readAtMs, askedAtMs }: Remembered, nowMs: number): boolean =>
  askedAtMs > readAtMs && askedAtMs <= nowMs;

/** May a request be refused by this fact now? Not by one from the future: a clock that was set back would trust it for long. */
export function isTrusted(fact: Remembered, nowMs: number): boolean {
  const ageMs = nowMs - fact.readAtMs;
  return ageMs >= 0 && ageMs < (isReadAgain(fact, nowMs) ? WAIT_MS : TRUST_MS);
}

/** The same of what is not trusted any longer while it is read again. */
export function isFresh({ readAtMs }: Remembered, nowMs: number): boolean {
  return nowMs >= readAtMs && nowMs - readAtMs < TRUST_MS;
}

/**
 * True for the one request that has to read the fact again, whatever the fact says; the others are refused by it meanwhile. Call
 * `readEnded` when that request is over.
 */
export function claimsReading(fact: Remembered, nowMs: number): boolean {
  const ageMs = nowMs - fact.readAtMs;
  if (ageMs < READ_AGAIN_MS || ageMs >= TRUST_MS || isReadAgain(fact, nowMs)) return false;
  fact.askedAtMs = nowMs;
  return true;
}

/** The request that claimed the reading at `askedAtMs` is over. If it read nothing, nobody waits for it any longer. */
export function readEnded(fact: Remembered, askedAtMs: number): void {
  if (fact.askedAtMs === askedAtMs && fact.readAtMs < askedAtMs) fact.askedAtMs = 0;
}
