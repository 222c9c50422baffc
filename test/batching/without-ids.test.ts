import { expect, it } from 'vitest';
import { couponIssuer } from '../../src/contexts/coupon/application/issue/issue-coupon.ts';
import { createRefusalCache } from '../../src/contexts/coupon/application/issue/refusal-cache.ts';
import { memoryCouponStore } from '../../src/contexts/coupon/test/memory/coupon-store.ts';
import { policy, terms } from '../../src/contexts/coupon/test/policies.ts';
import { orderBatcher } from '../../src/contexts/order/application/order-batcher.ts';
import { product } from '../../src/contexts/order/test/catalog.ts';
import { place } from '../../src/contexts/order/test/commands.ts';
import { memoryOrderStore, memoryOrders } from '../../src/contexts/order/test/memory/order-store.ts';
import { pointLedger } from '../../src/contexts/point/application/point-ledger.ts';
import { charge } from '../../src/contexts/point/test/commands.ts';
import { memoryPointStore } from '../../src/contexts/point/test/memory/point-store.ts';
import { type BatcherObserver, silentObserver } from '../../src/platform/batching/batcher-observer.ts';
import { Unavailable } from '../../src/platform/kernel/refusal.ts';
import { classifyFailure } from '../../src/platform/postgres/batch-transaction.ts';

const COMMANDS = 256;
const users = Array.from({ length: COMMANDS }, (_, n) => BigInt(n + 1));

/** An id source that throws once, at the 100th call. Every batch of more than 100 commands is affected. */
function flakyIds() {
  let asked = 0;
  return () => {
    asked += 1;
    if (asked === 100) throw new Unavailable('DEPENDENCY_UNAVAILABLE', 'no lease of a node number covers this moment');
    return BigInt(asked);
  };
}

function watched() {
  const seen: (number | string)[] = [];
  const observer: BatcherObserver = {
    ...silentObserver,
    batch: (size) => void seen.push(size),
    failed: (failure) => void seen.push(failure),
  };
  return { seen, observer };
}

/** The failure passes and the batch goes again whole: it is not cut into 511 transactions. */
const ONCE_MORE = ['transient', COMMANDS];

it('a batch of issues is retried as a whole after a moment without ids, and begins no transaction', async () => {
  const store = memoryCouponStore(Date.now);
  const window = { validFrom: new Date(Date.now() - 1_000), validUntil: new Date(Date.now() + 60_000) };
  await store.insert(policy(1n, { terms: terms({ ...window, maxIssueCount: COMMANDS }) }));
  const { seen, observer } = watched();
  let begun = 0;
  const { issue, stop } = couponIssuer({
    storeFor: () => ({
      ...store,
      issueBatch: (commands, decide) => {
        begun += 1;
        return store.issueBatch(commands, decide);
      },
    }),
    refusalCache: createRefusalCache(),
    resultLookup: { find: async () => undefined },
    clock: Date.now,
    monotonic: () => performance.now(),
    nextId: flakyIds(),
    classify: classifyFailure,
    observer: (name) => (name === 'coupon.issue' ? observer : silentObserver),
    batchMax: COMMANDS,
    limited: false,
    onError: (error) => {
      throw error;
    },
  });
  const outcomes = await Promise.all(users.map((userId) => issue({ policyId: 1n, userId, issueMethod: 'CUSTOMER' })));
  await stop();
  expect(outcomes.filter(({ kind }) => kind === 'issued')).toHaveLength(COMMANDS);
  expect({ seen, begun }).toEqual({ seen: ONCE_MORE, begun: 1 });
});

it('a batch of orders is retried as a whole after a moment without ids, and begins no transaction', async () => {
  const state = memoryOrders();
  state.products.set(1n, product(1n, { stock: COMMANDS }));
  const store = memoryOrderStore(state);
  const { seen, observer } = watched();
  let begun = 0;
  const batcher = orderBatcher({
    storeFor: () => ({
      changeBatch: (commands, decide) => {
        begun += 1;
        return store.changeBatch(commands, decide);
      },
    }),
    soldOut: { update: () => {}, forget: () => {}, has: () => false },
    clock: Date.now,
    monotonic: () => performance.now(),
    nextId: flakyIds(),
    reservationMs: 600_000,
    currency: 'KRW',
    openOrdersMax: 5,
    classify: classifyFailure,
    observer: () => observer,
    batchMax: COMMANDS,
  });
  const outcomes = await Promise.all(users.map((userId) => batcher.submit(place(userId, 'k'))));
  await batcher.stop();
  expect(outcomes.filter(({ kind }) => kind === 'placed')).toHaveLength(COMMANDS);
  expect({ seen, begun }).toEqual({ seen: ONCE_MORE, begun: 1 });
});

it('a batch of points is retried as a whole after a moment without ids', async () => {
  const { seen, observer } = watched();
  const store = memoryPointStore();
  const ledger = pointLedger({
    storeFor: () => store,
    clock: Date.now,
    nextId: flakyIds(),
    balanceMax: 1_000n,
    classify: classifyFailure,
    observer: () => observer,
    batchMax: COMMANDS,
  });
  const outcomes = await Promise.all(users.map((userId) => ledger.submit(charge(userId, 5n, 'c'))));
  await ledger.stop();
  expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(COMMANDS);
  expect(seen).toEqual(ONCE_MORE);
});
