import type { PlantedBug } from './bugs.ts';

/** Returns one of several equal parts: '2/8' is the second of eight. Bugs with the same test file stay together, because each part runs the tests without a bug first. */
export function shardOf(bugs: readonly PlantedBug[], shard: string): readonly PlantedBug[] {
  const [index, count] = (/^(\d+)\/(\d+)$/.exec(shard)?.slice(1) ?? []).map(Number);
  if (index === undefined || count === undefined || index < 1 || index > count)
    throw new Error(`--shard takes a part such as 2/8, not ${shard}`);
  const sorted = bugs.toSorted((a, b) => (a.tests[0] ?? '').localeCompare(b.tests[0] ?? ''));
  const start = (part: number) => Math.round((part * sorted.length) / count);
  return sorted.slice(start(index - 1), start(index));
}
