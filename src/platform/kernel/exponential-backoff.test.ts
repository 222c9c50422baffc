import { expect, it } from 'vitest';
import { exponentialBackoff } from './exponential-backoff.ts';

it('waits longer after each failure, until the longest wait', () => {
  const waits = (factor: 2 | 4) =>
    [1, 2, 3, 4].map((failures) => exponentialBackoff(failures, { firstMs: 100, maxMs: 1_000, factor }));
  expect(waits(2)).toEqual([100, 200, 400, 800]);
  expect(waits(4)).toEqual([100, 400, 1_000, 1_000]);
});

it('waits the longest time after any number of failures', () => {
  expect(exponentialBackoff(100_000, { firstMs: 1, maxMs: 60_000, factor: 4 })).toBe(60_000);
});
