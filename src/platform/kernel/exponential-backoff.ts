/** The wait before a further attempt, in ms. */
export interface BackoffLimits {
  /** After the first failure. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** By how much each wait is longer than the one before. */
  readonly factor: 2 | 4;
}

/** Returns how long to wait after this number of failures in a row, from 1. */
export const exponentialBackoff = (failures: number, { firstMs, maxMs, factor }: BackoffLimits): number =>
  Math.min(firstMs * factor ** (failures - 1), maxMs);
