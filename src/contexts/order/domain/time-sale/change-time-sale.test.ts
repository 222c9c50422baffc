import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../../platform/kernel/durations.ts';
import { isRefusal } from '../../../../platform/kernel/refusal.ts';
import { NOW_MS, product, timeSale } from '../../test/catalog.ts';
import { changeTimeSale, stopTimeSale } from './change-time-sale.ts';

/** 10 units at first: 4 free, 3 in orders, 3 sold. */
const running = timeSale(5n, { quantity: 10, stock: 4, reserved: 3, sold: 3 });
const chair = product(1n, { stock: 6 });
const codeOf = (changed: object): unknown => ('code' in changed ? changed.code : undefined);

describe('a change of a time sale', () => {
  it('a larger quantity comes from the stock of the product, and a smaller one returns to it', () => {
    expect(changeTimeSale(chair, running, { quantity: 16 }, NOW_MS)).toMatchObject({
      product: { stock: 0 },
      timeSale: { quantity: 16, stock: 10, reserved: 3, sold: 3, restocks: 0 },
    });
    expect(changeTimeSale(chair, running, { quantity: 6 }, NOW_MS)).toMatchObject({
      product: { stock: 10 },
      timeSale: { quantity: 6, stock: 0, reserved: 3, sold: 3 },
    });
  });

  it('no more units move than are free', () => {
    for (const quantity of [5, 17]) {
      expect(changeTimeSale(chair, running, { quantity }, NOW_MS)).toEqual({
        code: 'OUT_OF_STOCK',
        details: { productId: '1', timeSaleId: '5' },
      });
    }
  });

  it('a sold-out sale that gets units again counts as restocked, and another change does not', () => {
    const gone = { ...running, quantity: 6, stock: 0 };
    expect(changeTimeSale(chair, gone, { quantity: 7 }, NOW_MS)).toMatchObject({ timeSale: { restocks: 1 } });
    expect(changeTimeSale(chair, gone, { limitPerUser: 3 }, NOW_MS)).toMatchObject({ timeSale: { restocks: 0 } });
  });

  it('the highest limit is remembered, because users keep what they bought under it', () => {
    expect(changeTimeSale(chair, running, { limitPerUser: 1 }, NOW_MS)).toMatchObject({
      timeSale: { limitPerUser: 1, limitHighest: 2 },
    });
    expect(changeTimeSale(chair, running, { limitPerUser: 9 }, NOW_MS)).toMatchObject({
      timeSale: { limitPerUser: 9, limitHighest: 9 },
    });
  });

  it('the price is changed before the start only, and to at most the price of the product', () => {
    const scheduled = timeSale(5n, { startsAtMs: NOW_MS + 1, announced: 'SCHEDULED' });
    expect(changeTimeSale(chair, scheduled, { salePrice: 10_000n }, NOW_MS)).toMatchObject({
      timeSale: { salePrice: 10_000n },
    });
    expect(changeTimeSale(chair, scheduled, { salePrice: 10_001n }, NOW_MS)).toMatchObject({
      code: 'VALIDATION_FAILED',
      details: { salePrice: expect.any(String) },
    });
    expect(codeOf(changeTimeSale(chair, running, { salePrice: 6_000n }, NOW_MS))).toBe('VALIDATION_FAILED');
    expect(codeOf(changeTimeSale(chair, running, { salePrice: 7_000n }, NOW_MS))).toBeUndefined();
    // The product has become cheaper than the sale: other fields can be changed all the same.
    expect(codeOf(changeTimeSale({ ...chair, price: 5_000n }, running, { quantity: 11 }, NOW_MS))).toBeUndefined();
  });

  it('the end is moved to any time in the future', () => {
    expect(changeTimeSale(chair, running, { endsAtMs: NOW_MS + 1 }, NOW_MS)).toMatchObject({
      timeSale: { endsAtMs: NOW_MS + 1 },
    });
    expect(codeOf(changeTimeSale(chair, running, { endsAtMs: NOW_MS }, NOW_MS))).toBe('VALIDATION_FAILED');
  });

  it('a sale that is over is not changed, also when its end was published and a clock goes back', () => {
    for (const over of [
      { ...running, endsAtMs: NOW_MS },
      { ...running, announced: 'ENDED' as const },
    ]) {
      expect(codeOf(changeTimeSale(chair, over, { endsAtMs: NOW_MS + HOUR_MS }, NOW_MS))).toBe('TIME_SALE_NOT_ACTIVE');
    }
  });

  it('no change loses or makes a unit', () => {
    const edit = fc.record(
      {
        quantity: fc.integer({ min: 0, max: 30 }),
        limitPerUser: fc.integer({ min: 0, max: 9 }),
        endsAtMs: fc.integer({ min: NOW_MS - 5, max: NOW_MS + 5 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(edit, fc.constant('stop' as const)), { maxLength: 12 }), (edits) => {
        let state = { product: chair, timeSale: running };
        for (const each of edits) {
          const { product: before, timeSale: sale } = state;
          const changed =
            each === 'stop' ? stopTimeSale(before, sale, NOW_MS) : changeTimeSale(before, sale, each, NOW_MS);
          if (!isRefusal(changed)) state = changed;
          const { stock, reserved, sold, returned, quantity } = state.timeSale;
          expect(stock + reserved + sold + returned).toBe(quantity);
          expect(state.product.stock + stock).toBe(chair.stock + running.stock);
          expect(Math.min(stock, state.product.stock)).toBeGreaterThanOrEqual(0);
          expect([reserved, sold]).toEqual([3, 3]);
        }
      }),
    );
  });
});

describe('a stop of a time sale', () => {
  it('free units return at once, and the sale is over from this moment on', () => {
    expect(stopTimeSale(chair, running, NOW_MS)).toMatchObject({
      product: { stock: 10 },
      timeSale: { announced: 'ENDED', stock: 0, reserved: 3, sold: 3, returned: 4, endsAtMs: NOW_MS },
    });
  });

  it('a sale that has not begun never sells', () => {
    const scheduled = timeSale(5n, { startsAtMs: NOW_MS + 1, announced: 'SCHEDULED' });
    expect(stopTimeSale(chair, scheduled, NOW_MS).timeSale).toMatchObject({
      startsAtMs: NOW_MS,
      endsAtMs: NOW_MS,
      stock: 0,
    });
  });

  it('a sale that is over stays as it is', () => {
    const { product: once, timeSale: stopped } = stopTimeSale(chair, running, NOW_MS);
    expect(stopTimeSale(once, stopped, NOW_MS + 1)).toEqual({ product: once, timeSale: stopped });
  });
});
