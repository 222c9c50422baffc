/** Points of one credit; the id is that of its transaction. */
export interface Lot {
  readonly id: bigint;
  readonly userId: bigint;
  readonly amount: bigint;
  /** 0 to amount. */
  readonly remaining: bigint;
  /** How many of its points expired and were removed. */
  readonly expired: bigint;
  /** Null: from the start. */
  readonly availableAtMs: number | null;
  /** Exclusive: at this time the points have expired. Infinity = never. */
  readonly expiresAtMs: number;
}

/** By the clock, whether or not a task has emptied the lot. */
export const isExpired = (lot: Lot, nowMs: number): boolean => nowMs >= lot.expiresAtMs;

export const isSpendable = (lot: Lot, nowMs: number): boolean =>
  lot.remaining > 0n && !isExpired(lot, nowMs) && (lot.availableAtMs === null || nowMs >= lot.availableAtMs);

/** The order of spending: the earliest expiry first, then the oldest. */
export const comesBefore = (a: Lot, b: Lot): boolean =>
  a.expiresAtMs === b.expiresAtMs ? a.id < b.id : a.expiresAtMs < b.expiresAtMs;
