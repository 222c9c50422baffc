import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COUPON } from '../../test/lifecycle-situation.ts';
import { discountFor, discountOf, eligibleAmountOf } from './discount.ts';

const fixed = (value: bigint) => ({
  discountType: 'FIXED_AMOUNT' as const,
  discountValue: value,
  maxDiscountAmount: null,
});
const share = (basisPoints: bigint, cap: bigint | null = null) => ({
  discountType: 'PERCENTAGE' as const,
  discountValue: basisPoints,
  maxDiscountAmount: cap,
});

describe('a discount', () => {
  it.each([
    [fixed(3_000n), 10_000n, 3_000n],
    [fixed(3_000n), 2_999n, 2_999n],
    [share(1_250n), 999n, 124n],
    [share(1n), 9_999n, 0n],
    [share(5_000n, 1_000n), 10_000n, 1_000n],
    [share(5_000n, 1_000n), 1_000n, 500n],
    [share(10_000n), 7n, 7n],
    [share(3_333n), 9_007_199_254_740_993n, 3_002_099_511_605_172n],
  ])('the discount of %o on %s is %s', (terms, amount, expected) => {
    expect(discountOf(terms, amount)).toBe(expected);
  });

  it('a discount is never below 0, above the order, above the cap or above its percentage', () => {
    const amount = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n });
    const percentage = fc.record({
      discountType: fc.constant('PERCENTAGE' as const),
      discountValue: fc.bigInt({ min: 1n, max: 10_000n }),
      maxDiscountAmount: fc.option(amount, { nil: null }),
    });
    fc.assert(
      fc.property(fc.oneof(amount.map(fixed), percentage), amount, (terms, total) => {
        const discount = discountOf(terms, total);
        expect(discount >= 0n && discount <= total).toBe(true);
        if (terms.discountType === 'FIXED_AMOUNT') return;
        expect(discount <= (terms.maxDiscountAmount ?? total)).toBe(true);
        expect(discount * 10_000n <= total * terms.discountValue).toBe(true);
      }),
    );
  });

  it.each([
    [{ ...fixed(3_000n) }, 10_000n, 3_000n],
    [{ ...fixed(3_000n), minimumOrderAmount: 5_000n }, 5_000n, 3_000n],
    [{ ...fixed(3_000n), minimumOrderAmount: 5_000n }, 4_999n, 'MINIMUM_ORDER_NOT_MET'],
    [{ ...share(3_333n) }, 3n, 'COUPON_NOT_APPLICABLE'],
    [{ ...share(3_333n) }, 4n, 1n],
    [{ ...fixed(3_000n) }, null, 3_000n],
    [{ ...fixed(3_000n), minimumOrderAmount: 1n }, null, 'MINIMUM_ORDER_NOT_MET'],
    [{ ...fixed(3_000n), eligibleStoreId: 5n }, null, 'COUPON_NOT_APPLICABLE'],
    [{ ...share(10_000n) }, null, 'COUPON_NOT_APPLICABLE'],
  ])('a coupon with %o takes off an order of %s: %s', (terms, amount, expected) => {
    const discount = discountFor({ ...COUPON.terms, ...terms }, { orderAmount: amount });
    expect(typeof discount === 'bigint' ? discount : discount.code).toBe(expected);
  });
});

describe('the eligible amount of a cart', () => {
  const cartLine = fc.record({
    storeId: fc.constantFrom(null, 1n, 2n, 3n),
    amount: fc.bigInt({ min: 1n, max: 10n ** 12n }),
  });
  const lines = fc.array(cartLine, { maxLength: 8 });
  const sumOf = (of: readonly { readonly amount: bigint }[]) => of.reduce((sum, { amount }) => sum + amount, 0n);
  const cartOf = (of: readonly { readonly storeId: bigint | null; readonly amount: bigint }[]) => ({
    orderAmount: sumOf(of),
    lines: of,
  });

  it('a coupon of the platform is for the lines of all sellers', () => {
    fc.assert(
      fc.property(lines, (of) => {
        expect(eligibleAmountOf({ eligibleStoreId: null }, cartOf(of))).toBe(sumOf(of));
      }),
    );
  });

  it('a coupon of a store is for the lines of that store, and lines of other sellers change nothing', () => {
    fc.assert(
      fc.property(lines, lines, (of, more) => {
        const own = of.filter(({ storeId }) => storeId === 1n);
        const others = more.filter(({ storeId }) => storeId !== 1n);
        expect(eligibleAmountOf({ eligibleStoreId: 1n }, cartOf([...of, ...others]))).toBe(sumOf(own));
      }),
    );
  });

  it('a coupon of a store is for nothing of a cart without lines', () => {
    expect(eligibleAmountOf({ eligibleStoreId: 1n }, { orderAmount: 5_000n })).toBe(0n);
  });
});
