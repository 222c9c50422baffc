export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Of at least one value. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const upper = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? at(upper) : (at(upper - 1) + at(upper)) / 2;
  return { median, min: at(0), max: at(sorted.length - 1) };
}

/**
 * Round by round, so that what slowed one round slows both sides of its ratio. Undefined when one of both was not measured,
 * or did nothing.
 */
export function ratioOf(
  above: readonly number[] | undefined,
  below: readonly number[] | undefined,
): Spread | undefined {
  if (!above || !below || above.length === 0 || above.length !== below.length || below.includes(0)) return undefined;
  return spreadOf(above.map((value, round) => value / (below[round] ?? Number.NaN)));
}
