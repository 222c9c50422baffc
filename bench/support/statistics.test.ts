import { expect, test } from 'vitest';
import { ratioOf, spreadOf } from './statistics.ts';

test('the median of an even number of values is the mean of the middle two', () => {
  expect(spreadOf([4, 1, 10, 2])).toEqual({ median: 3, min: 1, max: 10 });
});

test('a ratio is taken within each round, not between the medians', () => {
  // Between the medians it would be 2: a slow round that hit both sides must not count for one of them.
  expect(ratioOf([10, 100, 30], [10, 20, 15])).toEqual({ median: 2, min: 1, max: 5 });
  expect(ratioOf([8, 80, 24], [10, 20, 6])).toEqual({ median: 4, min: 0.8, max: 4 });
});

test.each([
  [undefined, [1]],
  [[1], undefined],
  [[1, 2], [1]],
  [[1], [0]],
  [[], []],
])('the ratio of %j to %j is refused', (above, below) => {
  expect(ratioOf(above, below)).toBeUndefined();
});
