/**
 * Divides `amount` in proportion to the weights: each gets its part rounded down, and what is left goes, one by one, to those who
 * lost most by that, the earlier first. The shares add up to `amount`, and none is above its weight.
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
 * What is due of a share for `units` more of `quantity` when `before` of them had their part already. Counted from the first unit
 * on, so that it adds up to the share in whatever parts the units come.
 */
export function partOf(share: bigint, quantity: number, before: number, units: number): bigint {
  const upTo = (count: number): bigint => (share * BigInt(count)) / BigInt(quantity);
  return upTo(before + units) - upTo(before);
}
