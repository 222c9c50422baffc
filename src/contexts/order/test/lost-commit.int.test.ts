import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { type PostgresProxy, postgresProxy } from '../../../../test/support/postgres-proxy.ts';
import { type Batcher, createBatcher } from '../../../platform/batching/batcher.ts';
import { classifyFailure } from '../../../platform/postgres/batch-transaction.ts';
import type { OrderStore } from '../application/ports.ts';
import { decideOrders } from '../domain/decide-orders.ts';
import type { OrderOutcome } from '../domain/decision.ts';
import type { OrderInput } from '../domain/input.ts';
import { product } from './catalog.ts';
import { inputFor, orderIn, pay, place, rulesAt } from './commands.ts';
import { insertCatalog, nodeOver } from './open-stores.ts';

let home: TestDatabase;
let proxy: PostgresProxy;
let direct: ReturnType<typeof nodeOver>;
let viaProxy: ReturnType<typeof nodeOver>;
let batcher: Batcher<OrderInput, OrderOutcome>;
const nextId = countingIds(1_001n);

beforeEach(async () => {
  home = await testDatabase();
  proxy = await postgresProxy(home.url);
  direct = nodeOver(home.url, nextId);
  viaProxy = nodeOver(proxy.url, nextId);
  batcher = batcherOver(viaProxy.store);
  await insertCatalog(direct.database, { products: [product(1n)] });
});
afterEach(async () => {
  await batcher.drain();
  await Promise.all([direct.database.close(), viaProxy.database.close()]);
  await proxy.close();
  await home.drop();
});

const batcherOver = (store: OrderStore): Batcher<OrderInput, OrderOutcome> =>
  createBatcher({
    name: 'test',
    classify: classifyFailure,
    execute: async (batch) =>
      (await store.changeBatch(batch, (seen) => decideOrders(seen, batch, rulesAt(nextId)))).decision.outcomes,
  });
const rows = async (query: string) => (await direct.database.pool.query(query)).rows;
const history = 'select version, note from orders.order_history order by order_id, version';
const units = 'select stock, reserved from orders.products';
const topics = 'select topics from platform.outbox order by place';

describe('when the connection breaks at the COMMIT of a batch of orders', () => {
  beforeEach(async () => {
    // A COMMIT that takes its time: who asks what became of it has to wait for it.
    await rows(`create function pause() returns trigger language plpgsql as $$
      begin perform pg_sleep(0.3); return null; end $$`);
    await rows(`create constraint trigger slow after insert on orders.order_history deferrable initially deferred
      for each row execute function pause()`);
  });

  it.each(['answer lost', 'request lost'] as const)(
    'when the connection breaks at COMMIT, an order is placed once and its client gets a response (%s)',
    async (what) => {
      proxy.atNextCommit(what);
      const [outcome, again] = await Promise.all([batcher.submit(place(7n, 'a')), batcher.submit(place(7n, 'a'))]);
      expect(proxy.cuts()).toBe(1);
      expect([outcome, again]).toMatchObject([{ kind: 'placed', replayed: false }, { replayed: true }]);
      expect(await rows('select id from orders.orders')).toEqual([{ id: orderIn(outcome).id }]);
      expect(await rows(history)).toEqual([{ version: 1, note: 'PLACE' }]);
      expect(await rows(units)).toEqual([{ stock: 99, reserved: 1 }]);
      expect(await rows(topics)).toEqual([{ topics: ['order.reserved'] }]);
    },
  );

  it.each(['answer lost', 'request lost'] as const)(
    'when the connection breaks at COMMIT, a command of an order has its effect once and its client gets a response (%s)',
    async (what) => {
      const order = orderIn(await batcherOver(direct.store).submit(place(7n, 'a')));
      proxy.atNextCommit(what);
      const outcome = await batcher.submit(inputFor(order.id, { kind: 'CANCEL' }));
      expect(proxy.cuts()).toBe(1);
      expect(outcome).toMatchObject({ kind: 'order', order: { version: 2, state: { status: 'ENDED' } } });
      expect(await rows(history)).toEqual([
        { version: 1, note: 'PLACE' },
        { version: 2, note: 'CANCEL' },
      ]);
      expect(await rows(units)).toEqual([{ stock: 100, reserved: 0 }]);
      expect(await rows(topics)).toEqual([{ topics: ['order.reserved'] }, { topics: ['order.cancelled'] }]);
    },
  );

  it("after a COMMIT whose request was lost, an order's step that another node took meanwhile does not count as committed", async () => {
    const order = orderIn(await batcherOver(direct.store).submit(place(7n, 'a')));
    const waiting = async (batches: number) => {
      const query = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
      while ((await rows(query)).length < batches) await sleep(5);
    };
    // Both batches wait for the product, so that the other is next in line when ours is lost, before who asks about it.
    const holder = await direct.database.pool.connect();
    await holder.query('begin');
    await holder.query('select 1 from orders.products for update');
    proxy.atNextCommit('request lost');
    const mine = batcher.submit(inputFor(order.id, { kind: 'CANCEL' }));
    await waiting(1);
    const theirs = batcherOver(direct.store).submit(pay(order.id));
    await waiting(2);
    await holder.query('commit');
    holder.release();
    const [cancelled, paying] = await Promise.all([mine, theirs]);
    expect(cancelled).toMatchObject({ kind: 'refused', refusal: { code: 'ORDER_NOT_CANCELLABLE' } });
    expect(paying).toMatchObject({ kind: 'order', order: { state: { step: 'TAKE_MONEY' } } });
    expect(await rows(history)).toEqual([
      { version: 1, note: 'PLACE' },
      { version: 2, note: 'PAY' },
    ]);
  });
});

it('a command that PostgreSQL refuses fails alone, and the rest of its batch is committed', async () => {
  // No text of PostgreSQL holds this character.
  const poison = place(9n, 'a \u0000');
  const commands = [place(7n, 'a'), place(8n, 'a'), poison, place(10n, 'a'), place(11n, 'a')];
  const settled = await Promise.allSettled(commands.map((command) => batcher.submit(command)));
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect(settled[2]).toMatchObject({ reason: { code: '22021' } });
  expect(await rows('select count(*)::int as orders from orders.orders')).toEqual([{ orders: 4 }]);
  expect(await rows(units)).toEqual([{ stock: 96, reserved: 4 }]);
});
