/** Money and points are integers in the currency's smallest unit. Percentages are integer basis points, rounded down. */
export const BASIS_POINTS = 10_000n;

/** `amount * rateBp / 10000`, rounded down. Both must not be negative. */
export function portion(amount: bigint, rateBp: bigint): bigint {
  if (amount < 0n || rateBp < 0n) throw new RangeError(`portion(${amount}, ${rateBp}): negative`);
  return (amount * rateBp) / BASIS_POINTS;
}

export const minOf = (a: bigint, b: bigint): bigint => (a < b ? a : b);
