import { describe, expect, it, vi } from 'vitest';
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
  expect(memory.check([other, item], NOW_MS + REFRESH_AFTER_MS - 1)).toEqual({
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
  expect(knowing([gone]).check([asked], nowMs)).toBeUndefined();
});

it('the cache refuses nothing after the end of the sale, which is not sold out then', () => {
  const memory = soldOutCache();
  const endMs = NOW_MS + HOUR_MS;
  memory.update([gone], endMs - 1);
  expect(memory.check([item], endMs - 1)).toBeDefined();
  expect(memory.check([item], endMs)).toBeUndefined();
});

it('the cache forgets at once that a sale was sold out when units return', () => {
  const memory = knowing([gone], [{ ...gone, stock: 1, sold: 9 }]);
  expect(memory.check([item], NOW_MS)).toBeUndefined();
});

it('the cache keeps the sales that were seen last', () => {
  const memory = knowing([gone]);
  memory.update(
    Array.from({ length: 9_999 }, (_, index) => ({ ...gone, id: BigInt(index + 100) })),
    NOW_MS,
  );
  memory.update([gone], NOW_MS);
  memory.update([{ ...gone, id: 99n }], NOW_MS);
  expect(memory.check([item], NOW_MS)).toBeDefined();
  expect(memory.check([{ ...item, timeSaleId: 100n }], NOW_MS)).toBeUndefined();
});

it('one order refreshes the cache, and the others are refused until it has', () => {
  const memory = knowing([gone]);
  const laterMs = NOW_MS + REFRESH_AFTER_MS;
  expect(memory.check([item], laterMs)).toBe('refresh');
  expect(memory.check([item], laterMs)).toMatchObject({ code: 'OUT_OF_STOCK' });
  expect(memory.check([item], NOW_MS + REFRESH_WAIT_MS - 1)).toMatchObject({ code: 'OUT_OF_STOCK' });
  expect(memory.check([item], NOW_MS + REFRESH_WAIT_MS)).toBeUndefined();
});

it('a refreshed entry is trusted again', () => {
  const memory = knowing([gone]);
  const laterMs = NOW_MS + REFRESH_AFTER_MS;
  memory.check([item], laterMs);
  memory.update([gone], laterMs + 10);
  memory.refreshEnded([item], laterMs);
  expect(memory.check([item], laterMs + 10 + REFRESH_AFTER_MS - 1)).toMatchObject({ code: 'OUT_OF_STOCK' });
  expect(memory.check([item], laterMs + 10 + REFRESH_AFTER_MS)).toBe('refresh');
});

it('an order that ended without a reading does not block the next refresh', () => {
  const memory = knowing([gone]);
  const laterMs = NOW_MS + REFRESH_AFTER_MS;
  memory.check([item], laterMs);
  memory.refreshEnded([item], laterMs);
  expect(memory.check([item], NOW_MS + TRUST_MS)).toBeUndefined();
});

it('a refresh that was claimed at another time does not end the current one', () => {
  const memory = knowing([gone]);
  const firstMs = NOW_MS + REFRESH_AFTER_MS + 50;
  const secondMs = firstMs - 20;
  expect(memory.check([item], firstMs)).toBe('refresh');
  // The clock was set back by 20 ms, so that the second order reads, too.
  expect(memory.check([item], secondMs)).toBe('refresh');
  memory.refreshEnded([item], firstMs);
  expect(memory.check([item], NOW_MS + TRUST_MS)).toMatchObject({ code: 'OUT_OF_STOCK' });
  memory.refreshEnded([item], secondMs);
  expect(memory.check([item], NOW_MS + TRUST_MS)).toBeUndefined();
});

it('the cache returns the same refusal object, so that its text is written once', () => {
  const memory = knowing([gone]);
  const first = memory.check([item], NOW_MS);
  memory.update([gone], NOW_MS + 1);
  expect(memory.check([item], NOW_MS + 1)).toBe(first);
});

describe('the buyers of a sold-out sale', () => {
  const buyers = { timeSale: gone, users: new Set([7n]) };
  const mayBePlaced = (memory: ReturnType<typeof soldOutCache>, userId: bigint, nowMs = NOW_MS) =>
    memory.mayBePlaced(userId, [other, item], nowMs);

  it('buyers are requested while they are unknown', () => {
    const wants = vi.fn();
    const memory = soldOutCache(wants);
    memory.update([timeSale(5n)], NOW_MS);
    expect(wants).not.toHaveBeenCalled();
    memory.update([gone], NOW_MS);
    expect(wants).toHaveBeenCalledExactlyOnceWith(5n);
    memory.updateBuyers(buyers, NOW_MS);
    memory.update([gone], NOW_MS);
    expect(wants).toHaveBeenCalledTimes(1);
    memory.update([{ ...gone, restocks: 1 }], NOW_MS);
    expect(wants).toHaveBeenCalledTimes(2);
  });

  it('only a user among the buyers may have placed an order', () => {
    const memory = knowing([gone]);
    expect([mayBePlaced(memory, 7n), mayBePlaced(memory, 8n), memory.isSoldOut(5n, NOW_MS)]).toEqual([
      true,
      true,
      false,
    ]);
    memory.updateBuyers(buyers, NOW_MS);
    expect([mayBePlaced(memory, 7n), mayBePlaced(memory, 8n), memory.isSoldOut(5n, NOW_MS)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('buyers are trusted for a second, also while they are read again', () => {
    const memory = knowing([gone]);
    memory.updateBuyers(buyers, NOW_MS);
    memory.check([item], NOW_MS + REFRESH_AFTER_MS);
    const [lastMs, overMs] = [NOW_MS + TRUST_MS - 1, NOW_MS + TRUST_MS];
    expect([mayBePlaced(memory, 8n, lastMs), memory.isSoldOut(5n, lastMs)]).toEqual([false, true]);
    expect([mayBePlaced(memory, 8n, overMs), memory.isSoldOut(5n, overMs)]).toEqual([true, false]);
  });

  it.each([
    [
      'something came back',
      (memory: ReturnType<typeof soldOutCache>) => memory.update([{ ...gone, restocks: 1 }], NOW_MS),
    ],
    ['something is left', (memory: ReturnType<typeof soldOutCache>) => memory.update([timeSale(5n), gone], NOW_MS)],
    [
      'an order that may have been committed failed',
      (memory: ReturnType<typeof soldOutCache>) => memory.refreshEnded([item], NOW_MS + REFRESH_AFTER_MS),
    ],
  ])('buyers are forgotten when %s', (_, change) => {
    const memory = knowing([gone]);
    memory.updateBuyers(buyers, NOW_MS);
    change(memory);
    expect(mayBePlaced(memory, 8n)).toBe(true);
  });

  it('buyers that were read before units returned are not trusted', () => {
    const memory = knowing([{ ...gone, restocks: 1 }]);
    memory.updateBuyers(buyers, NOW_MS);
    expect(mayBePlaced(memory, 8n)).toBe(true);
  });

  it('buyers are not read again when they are too many', () => {
    const wants = vi.fn();
    const memory = soldOutCache(wants);
    memory.update([gone], NOW_MS);
    memory.updateBuyers({ timeSale: gone, users: undefined }, NOW_MS);
    memory.update([gone], NOW_MS);
    expect(wants).toHaveBeenCalledTimes(1);
    expect(mayBePlaced(memory, 8n)).toBe(true);
  });

  it('the buyers of the sales that were seen first are forgotten when there are too many in all', () => {
    const memory = soldOutCache();
    const many = new Set(Array.from({ length: 100_000 }, (_, index) => BigInt(index + 1_000)));
    for (const id of [5n, 6n, 7n]) memory.updateBuyers({ timeSale: { ...gone, id }, users: many }, NOW_MS);
    expect([5n, 6n, 7n].map((id) => memory.isSoldOut(id, NOW_MS))).toEqual([false, true, true]);
  });
});
