import { expect, it } from 'vitest';
import { NODE_MAX } from '../platform/kernel/ids.ts';
import { nodeRangeOf } from './node-ranges.ts';
import { PARTS } from './parts.ts';

const ranges = PARTS.map((part) => nodeRangeOf({ parts: new Set([part]), isComplete: false }));

it('every part has node numbers that ids can carry', () => {
  for (const { first, last } of ranges) {
    expect(first).toBeGreaterThanOrEqual(0);
    expect(last).toBeGreaterThanOrEqual(first + 63);
    expect(last).toBeLessThanOrEqual(NODE_MAX);
  }
});

it('no two parts have a node number in common', () => {
  const numbers = ranges.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, n) => first + n));
  expect(new Set(numbers).size).toBe(numbers.length);
});
