/** Points that came in together. Named by the transaction that brought them. */
export interface Lot {
  readonly id: bigint;
  readonly userId: bigint;
  readonly amount: bigint;
  /** 0 to amount. */
  readonly remaining: bigint;
  /** Null: from the start. */
  readonly availableAtMs: number | null;
  /** Exclusive: at this moment they have expired. Infinity = never. */
  readonly expiresAtMs: number;
}

/** Whether or not a job has said so. */
export const isExpired = (lot: Lot, nowMs: number): boolean => nowMs >= lot.expiresAtMs;

export const isSpendable = (lot: Lot, nowMs: number): boolean =>
  lot.remaining > 0n && !isExpired(lot, nowMs) && (lot.availableAtMs === null || nowMs >= lot.availableAtMs);

/** What is spent first stands first: the earliest expiry, then the oldest. */
export const comesBefore = (a: Lot, b: Lot): boolean =>
  a.expiresAtMs === b.expiresAtMs ? a.id < b.id : a.expiresAtMs < b.expiresAtMs;
