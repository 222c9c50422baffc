/** Everything that is left to chance in a run, all of it decided by the seed. */
export interface Chance {
  /** A whole number, 0 to `count` - 1. */
  below(count: number): number;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  happens(probability: number): boolean;
  of<Item>(items: readonly Item[]): Item;
  /** One of the keys, the likelier the greater its number. */
  weighted<Key extends string>(weights: Readonly<Record<Key, number>>): Key;
}

/** Mulberry32: small, fast, and the same on every machine. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  // Neighbouring seeds begin alike.
  for (let turns = 0; turns < 5; turns++) next();

  const below = (count: number): number => Math.floor(next() * count);
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    happens: (probability) => next() < probability,
    of<Item>(items: readonly Item[]): Item {
      if (items.length === 0) throw new Error('nothing to choose from');
      return items[below(items.length)] as Item;
    },
    weighted<Key extends string>(weights: Readonly<Record<Key, number>>): Key {
      const entries = Object.entries(weights) as [Key, number][];
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [key, weight] of entries) {
        left -= weight;
        if (left < 0) return key;
      }
      throw new Error('no key has a weight');
    },
  };
}
