import { beforeEach, expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { at } from '../../../../test/support/moments.ts';
import { NOW_MS, product, timeSale } from '../test/catalog.ts';
import { OPEN_MAX, place, RESERVATION_MS } from '../test/commands.ts';
import { memoryOrderStore, memoryOrders } from '../test/memory/order-store.ts';
import { orderBatch } from './order-batcher.ts';
import type { OrderStore, SaleGate } from './ports.ts';
import { soldOutCache } from './time-sale/sold-out-cache.ts';

const SALE = timeSale(5n, { stock: 0, sold: 10 });
const state = memoryOrders();
const store = memoryOrderStore(state, {}, () => NOW_MS);
let soldOut: ReturnType<typeof soldOutCache>;
let recorded: bigint[];
let users = 0n;
beforeEach(() => {
  state.timeSales.set(SALE.id, SALE);
  state.products.set(1n, product(1n));
  state.products.set(2n, product(2n));
  soldOut = soldOutCache();
  recorded = [];
});
const gate: SaleGate = {
  read: async () => ({ at: 0, soldOut: undefined }),
  record: async ({ sale }) => void recorded.push(sale.id),
  forget: async () => undefined,
};
async function order(productId = 1n) {
  const deps = {
    clock: () => NOW_MS,
    monotonic: () => NOW_MS,
    currency: 'KRW',
    reservationMs: RESERVATION_MS,
    openOrdersMax: OPEN_MAX,
  };
  const batch = orderBatch({ ...deps, soldOut, gate, nextId: countingIds(1n) });
  const items = [{ productId, timeSaleId: SALE.id, quantity: 1 }];
  const outcomes = await batch(store, [place(++users, 'key', { items })]);
  return outcomes.map((outcome) => 'refusal' in outcome && outcome.refusal.code);
}

it('a sale that a batch finds sold out is cached, and shared when it is found so again', async () => {
  expect(await order()).toEqual(['OUT_OF_STOCK']);
  expect([soldOut.isSoldOut(SALE.id, at(NOW_MS)), recorded]).toEqual([true, []]);
  await order();
  expect(recorded).toEqual([SALE.id]);
});

it('a sold-out sale is shared with the times from before the batch that read it', async () => {
  const times = { redisMs: 100, estimateMs: NOW_MS };
  const shared: unknown[] = [];
  const batch = orderBatch({
    clock: () => times.estimateMs,
    monotonic: () => times.estimateMs,
    currency: 'KRW',
    reservationMs: RESERVATION_MS,
    openOrdersMax: OPEN_MAX,
    soldOut,
    gate: {
      ...gate,
      read: async () => ({ at: times.redisMs, soldOut: undefined }),
      record: async ({ at, readAtMs }) => void shared.push({ at, readAtMs }),
    },
    nextId: countingIds(1n),
  });
  const slowly: OrderStore = {
    ...store,
    async changeBatch(...inputs) {
      const changed = await store.changeBatch(...inputs);
      times.redisMs += 700;
      times.estimateMs += 700;
      return changed;
    },
  };
  soldOut.update([SALE], NOW_MS);
  await batch(slowly, [place(++users, 'key', { items: [{ productId: 1n, timeSaleId: SALE.id, quantity: 1 }] })]);
  expect(shared).toEqual([{ at: 100, readAtMs: NOW_MS }]);
});

it.each([
  ['is hidden', { hidden: true }],
  ['belongs to a closed store', { storeClosed: true }],
])('a sold-out sale whose product %s is not cached', async (_, changed) => {
  state.products.set(1n, product(1n, changed));
  expect(await order()).toEqual(['TIME_SALE_NOT_FOUND']);
  expect(soldOut.has(SALE.id)).toBe(false);
});

it('a sold-out sale is forgotten and not shared when a batch finds its product hidden', async () => {
  await order();
  state.products.set(1n, product(1n, { hidden: true }));
  expect(await order()).toEqual(['TIME_SALE_NOT_FOUND']);
  expect([soldOut.has(SALE.id), recorded]).toEqual([false, []]);
});

it('an order that names a sale with another product changes nothing in the cache', async () => {
  expect(await order(2n)).toEqual(['TIME_SALE_NOT_FOUND']);
  expect(soldOut.has(SALE.id)).toBe(false);
  await order();
  await order(2n);
  expect(soldOut.isSoldOut(SALE.id, at(NOW_MS))).toBe(true);
});
