import { expect, it } from 'vitest';
import { BUGS } from './bugs.ts';
import { shardOf } from './shard.ts';

it('a division into shards has each bug in exactly one part', () => {
  const parts = [1, 2, 3, 4, 5, 6, 7].map((index) => shardOf(BUGS, `${index}/7`));
  expect(parts.flat().length).toBe(BUGS.length);
  expect(new Set(parts.flat())).toEqual(new Set(BUGS));
  expect(Math.max(...parts.map(({ length }) => length)) - Math.min(...parts.map(({ length }) => length))).toBeLessThan(
    2,
  );
});

it.each(['0/8', '9/8', '8', 'a/b', ''])('the shard "%s" is refused', (shard) => {
  expect(() => shardOf(BUGS, shard)).toThrow('such as 2/8');
});
