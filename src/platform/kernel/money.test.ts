import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BASIS_POINTS, minOf, portion } from './money.ts';

const amount = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });

it('a portion is rounded down and never more than the whole', () => {
  fc.assert(
    fc.property(amount, fc.bigInt({ min: 0n, max: BASIS_POINTS }), (whole, rateBp) => {
      const part = portion(whole, rateBp);
      expect(part * BASIS_POINTS).toBeLessThanOrEqual(whole * rateBp);
      expect((part + 1n) * BASIS_POINTS).toBeGreaterThan(whole * rateBp);
      expect(part).toBeLessThanOrEqual(whole);
      expect(part + portion(whole, BASIS_POINTS - rateBp)).toBeLessThanOrEqual(whole);
    }),
  );
});

it('a negative amount or rate is a programming error', () => {
  expect(() => portion(-1n, 1n)).toThrow(RangeError);
  expect(() => portion(1n, -1n)).toThrow(RangeError);
});

it('the smaller of two is one of them and not above either', () => {
  fc.assert(
    fc.property(amount, amount, (a, b) => {
      expect([a, b]).toContain(minOf(a, b));
      expect(minOf(a, b) <= a && minOf(a, b) <= b).toBe(true);
    }),
  );
});
