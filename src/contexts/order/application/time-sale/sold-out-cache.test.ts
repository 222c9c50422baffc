import { expect, it } from 'vitest';
import { at } from '../../../../../test/support/moments.ts';
import { REFRESH_AFTER_MS, REFRESH_WAIT_MS, TRUST_MS } from '../../../../platform/kernel/cached-fact.ts';
import { HOUR_MS } from '../../../../platform/kernel/durations.ts';
import { NOW_MS, timeSale } from '../../test/catalog.ts';
import { soldOutCache } from './sold-out-cache.ts';

const gone = timeSale(5n, { stock: 0, sold: 10 });
const item = { productId: 1n, timeSaleId: 5n, quantity: 1 };
const other = { productId: 1n, timeSaleId: null, quantity: 1 };

function knowing(...sales: Parameters<ReturnType<typeof soldOutCache>['update']>[0][]) {
  const memory = soldOutCache();
  for (const each of sales) memory.update(each, NOW_MS);
  return memory;
}

it('an order for a time sale that was just sold out is refused, at any place among the items', () => {
  const memory = knowing([gone]);
  expect(memory.check([other, item], at(NOW_MS + REFRESH_AFTER_MS - 1))).toEqual({
    code: 'OUT_OF_STOCK',
    details: { productId: '1', timeSaleId: '5' },
  });
});

it.each([
  ['after a second', item, NOW_MS + TRUST_MS],
  ['before it was seen: the clock was set back', item, NOW_MS - 1],
  ['of the product itself', other, NOW_MS],
  ['of another sale', { ...item, timeSaleId: 6n }, NOW_MS],
  ['of another product, which is for the decision to refuse', { ...item, productId: 2n }, NOW_MS],
])('the cache refuses nothing %s', (_, asked, nowMs) => {
  expect(knowing([gone]).check([asked], at(nowMs))).toBeUndefined();
});

it('the cache refuses nothing after the end of the sale, which is not sold out then', () => {
  const memory = soldOutCache();
  const endMs = NOW_MS + HOUR_MS;
  memory.update([gone], endMs - 1);
  expect(memory.check([item], at(endMs - 1))).toBeDefined();
  expect(memory.check([item], at(endMs))).toBeUndefined();
});

it('the cache forgets at once that a sale was sold out when units return', () => {
  const memory = knowing([gone], [{ ...gone, stock: 1, sold: 9 }]);
  expect(memory.check([item], at(NOW_MS))).toBeUndefined();
});

it('the cache keeps the sales that were seen last', () => {
  const memory = knowing([gone]);
  memory.update(
    Array.from({ length: 9_999 }, (_, index) => ({ ...gone, id: BigInt(index + 100) })),
    NOW_MS,
  );
  memory.update([gone], NOW_MS);
  memory.update([{ ...gone, id: 99n }], NOW_MS);
  expect(memory.check([item], at(NOW_MS))).toBeDefined();
  expect(memory.check([{ ...item, timeSaleId: 100n }], at(NOW_MS))).toBeUndefined();
});

it('one order refreshes the cache, and the others are refused until it has', () => {
  const memory = knowing([gone]);
  const laterMs = NOW_MS + REFRESH_AFTER_MS;
  expect(memory.check([item], at(laterMs))).toBe('refresh');
  expect(memory.check([item], at(laterMs))).toMatchObject({ code: 'OUT_OF_STOCK' });
  expect(memory.check([item], at(NOW_MS + REFRESH_WAIT_MS - 1))).toMatchObject({ code: 'OUT_OF_STOCK' });
  expect(memory.check([item], at(NOW_MS + REFRESH_WAIT_MS))).toBeUndefined();
});

it('a refreshed entry is trusted again', () => {
  const memory = knowing([gone]);
  const laterMs = NOW_MS + REFRESH_AFTER_MS;
  memory.check([item], at(laterMs));
  memory.update([gone], laterMs + 10);
  memory.refreshEnded([item], laterMs);
  expect(memory.check([item], at(laterMs + 10 + REFRESH_AFTER_MS - 1))).toMatchObject({ code: 'OUT_OF_STOCK' });
  expect(memory.check([item], at(laterMs + 10 + REFRESH_AFTER_MS))).toBe('refresh');
});

it('an order that ended without a reading does not block the next refresh', () => {
  const memory = knowing([gone]);
  const laterMs = NOW_MS + REFRESH_AFTER_MS;
  memory.check([item], at(laterMs));
  memory.refreshEnded([item], laterMs);
  expect(memory.check([item], at(NOW_MS + TRUST_MS))).toBeUndefined();
});

it('a refresh that was claimed at another time does not end the current one', () => {
  const memory = knowing([gone]);
  const firstMs = NOW_MS + REFRESH_AFTER_MS + 50;
  const secondMs = firstMs - 20;
  expect(memory.check([item], at(firstMs))).toBe('refresh');
  // The clock was set back by 20 ms, so that the second order reads, too.
  expect(memory.check([item], at(secondMs))).toBe('refresh');
  memory.refreshEnded([item], firstMs);
  expect(memory.check([item], at(NOW_MS + TRUST_MS))).toMatchObject({ code: 'OUT_OF_STOCK' });
  memory.refreshEnded([item], secondMs);
  expect(memory.check([item], at(NOW_MS + TRUST_MS))).toBeUndefined();
});

it('the cache returns the same refusal object, so that its text is written once', () => {
  const memory = knowing([gone]);
  const first = memory.check([item], at(NOW_MS));
  memory.update([gone], NOW_MS + 1);
  expect(memory.check([item], at(NOW_MS + 1))).toBe(first);
});

it('a sale is sold out for as long as the cache refuses orders at it', () => {
  const memory = knowing([gone]);
  const isSoldOut = (nowMs: number) => memory.isSoldOut(5n, at(nowMs));
  expect([
    isSoldOut(NOW_MS - 1),
    isSoldOut(NOW_MS),
    isSoldOut(NOW_MS + TRUST_MS - 1),
    isSoldOut(NOW_MS + TRUST_MS),
  ]).toEqual([false, true, true, false]);
  expect(memory.isSoldOut(6n, at(NOW_MS))).toBe(false);
  memory.check([item], at(NOW_MS + REFRESH_AFTER_MS));
  expect([isSoldOut(NOW_MS + REFRESH_WAIT_MS - 1), isSoldOut(NOW_MS + REFRESH_WAIT_MS)]).toEqual([true, false]);
  memory.update([gone], NOW_MS + HOUR_MS - 1);
  expect([isSoldOut(NOW_MS + HOUR_MS - 1), isSoldOut(NOW_MS + HOUR_MS)]).toEqual([true, false]);
  memory.update([{ ...gone, stock: 1 }], NOW_MS + HOUR_MS - 1);
  expect(isSoldOut(NOW_MS + HOUR_MS - 1)).toBe(false);
});

it("a fact is trusted for a second although the estimate of the database's clock steps back", () => {
  const memory = soldOutCache();
  const readAtMs = 5_000;
  memory.update([gone], readAtMs);
  const later = (ms: number) => ({ atMs: NOW_MS - 360, steadyMs: readAtMs + ms });
  const seen = (ms: number) => [memory.isSoldOut(5n, later(ms)), memory.staleRefusal([item], later(ms)) !== undefined];
  expect(memory.check([item], later(REFRESH_AFTER_MS - 1))).toMatchObject({ code: 'OUT_OF_STOCK' });
  expect(seen(TRUST_MS - 1)).toEqual([true, false]);
  expect(memory.check([item], later(TRUST_MS))).toBeUndefined();
  expect(seen(TRUST_MS)).toEqual([false, true]);
});
