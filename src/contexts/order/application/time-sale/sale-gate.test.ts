import { expect, it } from 'vitest';
import { at } from '../../../../../test/support/moments.ts';
import { TRUST_MS } from '../../../../platform/kernel/cached-fact.ts';
import { HOUR_MS } from '../../../../platform/kernel/durations.ts';
import { NOW_MS, timeSale } from '../../test/catalog.ts';
import type { SaleGate, SaleReading } from '../ports.ts';
import { beforeSalesAreRead, refusalByGate } from './sale-gate.ts';
import { soldOutCache } from './sold-out-cache.ts';

const gone = timeSale(5n, { stock: 0, sold: 10, restocks: 3 });
const items = [{ productId: 1n, timeSaleId: 5n, quantity: 1 }];
const LATER_MS = NOW_MS + TRUST_MS;
const sameState = { restocks: 3, trustedUntilMs: Number.POSITIVE_INFINITY };

/** A gate that says the same about every sale, and what it was given. */
function gateOf(soldOut: SaleReading['soldOut']) {
  const given: string[] = [];
  const gate: SaleGate = {
    async read(timeSaleId) {
      given.push(`read ${timeSaleId}`);
      return { at: 1, soldOut };
    },
    async record({ sale, at, readAtMs }) {
      given.push(`record ${sale.id} ${at} ${readAtMs}`);
    },
    async forget(timeSaleId) {
      given.push(`forget ${timeSaleId}`);
    },
  };
  return { gate, given };
}

/** A cache that read the sale a second ago. */
function staleCache() {
  const cache = soldOutCache();
  cache.update([gone], NOW_MS);
  return cache;
}

const refusedBy = async (soldOut: SaleReading['soldOut'], nowMs = LATER_MS, cache = staleCache()) =>
  (await refusalByGate(gateOf(soldOut).gate, cache, items, at(nowMs)))?.code;

it('an order at a sale that another node has found sold out is refused when this node knows the same state', async () => {
  expect(await refusedBy(sameState)).toBe('OUT_OF_STOCK');
});

it.each([
  ['whose fact is of another state', { ...sameState, restocks: 4 }, LATER_MS],
  ['whose fact is not trusted any more', { ...sameState, trustedUntilMs: 0 }, LATER_MS],
  ['without a fact', undefined, LATER_MS],
  ['of which this node has a fresh fact', sameState, LATER_MS - 1],
  ['that is over', sameState, NOW_MS + HOUR_MS],
])('an order at a sale %s is not refused by the gate', async (_, soldOut, nowMs) => {
  expect(await refusedBy(soldOut, nowMs)).toBeUndefined();
});

it('an order at a sale that this node has not read as sold out does not ask the gate', async () => {
  const cache = soldOutCache();
  cache.update([timeSale(5n)], NOW_MS);
  const { gate, given } = gateOf(sameState);
  expect(await refusalByGate(gate, cache, items, at(LATER_MS))).toBeUndefined();
  expect(given).toEqual([]);
});

it('a second order within half a second goes on, and brings this node facts of its own', async () => {
  const cache = staleCache();
  expect(await refusedBy(sameState, LATER_MS, cache)).toBe('OUT_OF_STOCK');
  expect(await refusedBy(sameState, LATER_MS + 499, cache)).toBeUndefined();
  expect(await refusedBy(sameState, LATER_MS + 500, cache)).toBe('OUT_OF_STOCK');
});

it('a batch shares the sold-out sales that were known before, and takes back those with units', async () => {
  const cache = staleCache();
  const restocked = timeSale(6n, { stock: 0, sold: 10 });
  cache.update([restocked], NOW_MS);
  const { gate, given } = gateOf(undefined);
  const commands = [5n, 6n, 9n, null].map((timeSaleId) => ({ items: [{ productId: 1n, timeSaleId, quantity: 1 }] }));
  const share = await beforeSalesAreRead(gate, cache, commands, LATER_MS);
  share([gone, { ...restocked, stock: 1 }, timeSale(9n, { stock: 0, sold: 10 })]);
  expect(given).toEqual(['read 5', 'read 6', `record 5 1 ${LATER_MS}`, 'forget 6']);
});
