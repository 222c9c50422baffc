import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, partOf } from './shares.ts';

const sumOf = (parts: readonly bigint[]) => parts.reduce((sum, part) => sum + part, 0n);
const weight = fc.oneof(fc.bigInt(0n, 5n), fc.bigInt(0n, 1_000_000_000_000n));
/** Weights, and an amount that they can bear. */
const division = fc
  .array(weight, { minLength: 1, maxLength: 50 })
  .chain((weights) => fc.tuple(fc.constant(weights), fc.bigInt(0n, sumOf(weights))));

describe('shares', () => {
  it.each([
    [10n, [1n, 1n, 1n], 'cannot'],
    [100n, [100n, 100n, 100n], [34n, 33n, 33n]],
    [2n, [1n, 1n, 1n], [1n, 1n, 0n]],
    [5n, [3n, 6n], [2n, 3n]],
    [1n, [1n, 2n], [0n, 1n]],
    [7n, [0n, 7n, 0n], [0n, 7n, 0n]],
    [0n, [0n, 0n], [0n, 0n]],
    [0n, [], []],
    [-1n, [5n], 'cannot'],
  ] as const)('the shares of %s by the weights %s are %s', (amount, weights, expected) => {
    if (expected === 'cannot') expect(() => allocate(amount, weights)).toThrow(RangeError);
    else expect(allocate(amount, weights)).toEqual(expected);
  });

  it('shares add up to the amount, none is above its weight, and each differs by less than 1 from its exact part', () => {
    fc.assert(
      fc.property(division, ([weights, amount]) => {
        const shares = allocate(amount, weights);
        const whole = sumOf(weights);
        expect(sumOf(shares)).toBe(amount);
        for (const [place, share] of shares.entries()) {
          const own = weights[place] ?? 0n;
          expect(share >= 0n && share <= own).toBe(true);
          const off = share * whole - amount * own;
          expect(whole === 0n ? off === 0n : off > -whole && off < whole).toBe(true);
        }
      }),
    );
  });

  it('shares of equal weights differ by at most 1, and the earlier ones are larger', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 1_000n), fc.integer({ min: 1, max: 50 }), fc.nat(1_000), (each, count, permille) => {
        const amount = (each * BigInt(count) * BigInt(permille)) / 1_000n;
        const shares = allocate(
          amount,
          Array.from({ length: count }, () => each),
        );
        expect(shares).toEqual(shares.toSorted((a, b) => (a > b ? -1 : a < b ? 1 : 0)));
        expect((shares[0] ?? 0n) - (shares.at(-1) ?? 0n) <= 1n).toBe(true);
      }),
    );
  });
});

describe('parts of a share', () => {
  it('the parts of a share add up to it in whatever steps the units come, and are never below 0', () => {
    const steps = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.bigInt(0n, 1_000_000_000_000n), steps, (share, units) => {
        const quantity = units.reduce((sum, count) => sum + count, 0);
        let before = 0;
        const parts = units.map((count) => {
          const part = partOf(share, quantity, before, count);
          before += count;
          return part;
        });
        expect(sumOf(parts)).toBe(share);
        expect(parts.every((part) => part >= 0n)).toBe(true);
      }),
    );
  });

  it.each([
    [10n, 3, [3n, 3n, 4n]],
    [2n, 3, [0n, 1n, 1n]],
  ] as const)('the parts of %s for %s units, one by one, are %s', (share, quantity, expected) => {
    expect(expected.map((_, before) => partOf(share, quantity, before, 1))).toEqual(expected);
  });
});
