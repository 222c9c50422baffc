/**
 * Divides `amount` in proportion to the weights (largest remainder method): each share is rounded down, and the rest is given out one by
 * one, to the largest remainders first, then by position. The shares add up to `amount`, and none is above its weight.
 * @param amount 0 to the sum of the weights
 */
export function allocate(amount: bigint, weights: readonly bigint[]): bigint[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0n);
  if (amount < 0n || amount > whole) throw new RangeError(`${amount} cannot be divided among ${whole}`);
  if (amount === 0n) return weights.map(() => 0n);
  const shares = weights.map((weight) => (amount * weight) / whole);
  let left = amount - shares.reduce((sum, share) => sum + share, 0n);
  if (left === 0n) return shares;
  const lost = weights
    .map((weight, place) => ({ place, remainder: (amount * weight) % whole }))
    .sort((a, b) => (a.remainder === b.remainder ? a.place - b.place : a.remainder > b.remainder ? -1 : 1));
  for (const { place } of lost) {
    if (left === 0n) break;
    shares[place] = (shares[place] ?? 0n) + 1n;
    left -= 1n;
  }
  return shares;
}

/**
 * Returns the part of a share for `units` more of `quantity` units, after `before` of them. Cumulative from the first unit, so that the
 * parts add up to the share in any split.
 */
export function partOf(share: bigint, quantity: number, before: number, units: number): bigint {
  const upTo = (count: number): bigint => (share * BigInt(count)) / BigInt(quantity);
  return upTo(before + units) - upTo(before);
}
