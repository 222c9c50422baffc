import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minOf } from '../../../../platform/kernel/money.ts';
import { line } from '../../test/sample-decision.ts';
import { costOf, moneyOf, priced } from './price.ts';

const STORES = [null, 1n, 2n] as const;
const anyLine = fc.record({
  storeId: fc.constantFrom(...STORES),
  unitPrice: fc.bigInt(1n, 50_000n),
  quantity: fc.integer({ min: 1, max: 5 }),
});
const cart = fc
  .array(anyLine, { minLength: 1, maxLength: 8 })
  .map((lines) => lines.map((each, place) => line({ ...each, line: place + 1, productId: BigInt(place + 1) })));
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, amount) => all + amount, 0n);

describe('the price of a mixed cart', () => {
  it('the discount of a store’s coupon is allocated to the lines of that store only, to the last unit', () => {
    fc.assert(
      fc.property(cart, fc.bigInt(0n, 400_000n), fc.bigInt(0n, 400_000n), (lines, amount, points) => {
        const price = priced(lines, { amount, storeId: 1n }, points);
        const own = price.lines.filter(({ storeId }) => storeId === 1n);
        const eligible = sum(own.map(costOf));
        expect(price.couponDiscount).toBe(minOf(amount, eligible));
        expect(sum(own.map(({ couponDiscount }) => couponDiscount))).toBe(price.couponDiscount);
        for (const { storeId, couponDiscount } of price.lines) if (storeId !== 1n) expect(couponDiscount).toBe(0n);
      }),
    );
  });

  it('no line is below 0, and what is left to pay is the sum of the lines of all sellers', () => {
    fc.assert(
      fc.property(
        cart,
        fc.constantFrom(...STORES),
        fc.bigInt(0n, 400_000n),
        fc.bigInt(0n, 400_000n),
        (lines, storeId, amount, points) => {
          const price = priced(lines, { amount, storeId }, points);
          expect(price.lines.every((each) => moneyOf(each) >= 0n)).toBe(true);
          expect(sum(price.lines.map(moneyOf))).toBe(price.subtotal - price.couponDiscount - price.pointsUsed);
          expect(sum(price.lines.map(({ pointsUsed }) => pointsUsed))).toBe(price.pointsUsed);
        },
      ),
    );
  });

  it('adding lines of other sellers does not change the shares of the lines of the store', () => {
    fc.assert(
      fc.property(cart, cart, fc.bigInt(0n, 400_000n), (lines, more, amount) => {
        const others = more.filter(({ storeId }) => storeId !== 1n);
        const shares = (of: typeof lines) =>
          priced(of, { amount, storeId: 1n }, 0n)
            .lines.filter(({ storeId }) => storeId === 1n)
            .map(({ couponDiscount }) => couponDiscount);
        expect(shares([...lines, ...others])).toEqual(shares(lines));
      }),
    );
  });
});
