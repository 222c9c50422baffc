import { describe, expect, it } from 'vitest';
import { countingIds } from '../../../../../test/support/counting-ids.ts';
import { TRUST_MS } from '../../../../platform/kernel/cached-fact.ts';
import { refusalIn, Unavailable } from '../../../../platform/kernel/refusal.ts';
import { NOW_MS, product, timeSale } from '../../test/catalog.ts';
import { OPEN_MAX, place as placeCommand, RESERVATION_MS } from '../../test/commands.ts';
import { memoryOrderStore, memoryOrders } from '../../test/memory/order-store.ts';
import { orderBatch } from '../order-batcher.ts';
import type { SaleGate } from '../ports.ts';
import { soldOutCache } from '../time-sale/sold-out-cache.ts';
import { placeOrder } from './place-order.ts';

const gone = timeSale(5n, { stock: 0, sold: 10 });
const request = {
  userId: 7n,
  key: 'key',
  items: [{ productId: gone.productId, timeSaleId: gone.id, quantity: 1 }],
  usePoints: 0n,
};

class Submitted extends Error {}

/** Another node has just read the same state. */
const gate: SaleGate = {
  read: async () => ({ at: 0, soldOut: { restocks: gone.restocks, trustedUntilMs: Number.POSITIVE_INFINITY } }),
  record: async () => {},
  forget: async () => {},
};

/** A node that read at NOW_MS that the sale is sold out, at `nowMs`. What reaches its batcher rejects with Submitted. */
function placingAt(nowMs: number, isPlaced: () => Promise<boolean>) {
  const soldOut = soldOutCache();
  soldOut.update([gone], NOW_MS);
  const lookedUp: string[] = [];
  const submitted = () => Promise.reject(new Submitted());
  const place = placeOrder({
    batcher: { submit: submitted, submitOnce: submitted },
    soldOut,
    gate,
    keyLookup: {
      isPlaced({ userId, key }) {
        lookedUp.push(`${userId} ${key}`);
        return isPlaced();
      },
    },
    runner: { runCheckout: () => Promise.reject(new Error('there is no order')) },
    clock: () => nowMs,
    monotonic: () => nowMs,
  });
  return { place, lookedUp };
}

describe.each([
  ['the cache', NOW_MS],
  ['a fact of another node', NOW_MS + TRUST_MS],
])('an order that %s refuses', (_, nowMs) => {
  it('is refused when its key has placed no order', async () => {
    const { place, lookedUp } = placingAt(nowMs, async () => false);
    expect(refusalIn(await place(request))?.code).toBe('OUT_OF_STOCK');
    expect(lookedUp).toEqual(['7 key']);
  });

  it('goes on to PostgreSQL when its key has placed an order', async () => {
    const { place } = placingAt(nowMs, async () => true);
    await expect(place(request)).rejects.toThrow(Submitted);
  });

  it('is not refused when its key cannot be looked up', async () => {
    const away = new Unavailable('DEPENDENCY_UNAVAILABLE', 'PostgreSQL is away');
    const { place } = placingAt(nowMs, () => Promise.reject(away));
    await expect(place(request)).rejects.toBe(away);
  });
});

it('an order that no fact refuses is placed without a look-up of its key', async () => {
  const { place, lookedUp } = placingAt(NOW_MS, async () => false);
  await expect(place({ ...request, items: [{ productId: 1n, quantity: 1 }] })).rejects.toThrow(Submitted);
  expect(lookedUp).toEqual([]);
});

it('stores the hash of the content that earlier versions stored, by which they recognize a repeat', async () => {
  const hashes: unknown[] = [];
  const submit = async (command: object) => {
    hashes.push('contentHash' in command && command.contentHash);
    throw new Submitted();
  };
  const place = placeOrder({
    batcher: { submit, submitOnce: submit },
    soldOut: soldOutCache(),
    keyLookup: { isPlaced: async () => false },
    runner: { runCheckout: () => Promise.reject(new Error('there is no order')) },
    clock: () => NOW_MS,
    monotonic: () => NOW_MS,
  });
  const items = [
    { productId: 1n, timeSaleId: 2n, quantity: 3 },
    { productId: 4n, quantity: 5 },
  ];
  await expect(place({ userId: 7n, key: 'key', items, couponId: 6n, usePoints: 7n })).rejects.toThrow(Submitted);
  expect(hashes).toEqual(['fvgBujqKFltjwzN3s8NsZG']);
});

it("an order reaches PostgreSQL a second after the sale was read although the estimate of the database's clock steps back", async () => {
  const soldOut = soldOutCache();
  const now = { estimateMs: NOW_MS + 600, steadyMs: 5_000 };
  const clocks = { clock: () => now.estimateMs, monotonic: () => now.steadyMs };
  const rules = { nextId: countingIds(), currency: 'KRW', reservationMs: RESERVATION_MS, openOrdersMax: OPEN_MAX };
  const state = memoryOrders();
  state.timeSales.set(gone.id, gone);
  state.products.set(gone.productId, product(gone.productId));
  const items = [{ productId: gone.productId, timeSaleId: gone.id, quantity: 1 }];
  await orderBatch({ ...clocks, ...rules, soldOut })(
    memoryOrderStore(state, {}, () => NOW_MS),
    [placeCommand(7n, 'first', { items })],
  );
  const submitted = () => Promise.reject(new Submitted());
  const place = placeOrder({
    ...clocks,
    batcher: { submit: submitted, submitOnce: submitted },
    soldOut,
    keyLookup: { isPlaced: async () => false },
    runner: { runCheckout: () => Promise.reject(new Error('there is no order')) },
  });
  expect(refusalIn(await place(request))?.code).toBe('OUT_OF_STOCK');
  // A better measurement takes back the 600 ms, so that by the estimate the sale was read 400 ms ago.
  now.estimateMs = NOW_MS + TRUST_MS;
  now.steadyMs += TRUST_MS;
  await expect(place(request)).rejects.toThrow(Submitted);
});
