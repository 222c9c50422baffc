import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { decideOrders } from '../domain/decide-orders.ts';
import type { OrderDecision, OrderOutcome, OrderSnapshot } from '../domain/decision.ts';
import type { OrderInput } from '../domain/input.ts';
import type { Order } from '../domain/order.ts';
import { NOW_MS, product, timeSale } from './catalog.ts';
import {
  checkTimeOut,
  inputFor,
  OPEN_MAX,
  orderIn,
  outcomeCodes,
  pay,
  place,
  RESERVATION_MS,
  refund,
  rulesAt,
  successOf,
} from './commands.ts';
import type { OpenStores } from './open-stores.ts';

const OF_SALE = { items: [{ productId: 1n, timeSaleId: 5n, quantity: 1 }] };

/** What every store of orders does with batches that were decided, racing ones included. The caller's `close` looks at all sums. */
export function orderBatchSuite(open: () => Promise<OpenStores>): void {
  let opened: OpenStores;
  let nextId: () => bigint;
  beforeEach(async () => {
    opened = await open();
    nextId = countingIds(1_001n);
  });
  afterEach(() => opened.close());

  async function change(commands: readonly OrderInput[], node = 0, nowMs = NOW_MS): Promise<OrderDecision> {
    const store = opened.nodes[node % 3] ?? opened.nodes[0];
    return (await store.changeBatch(commands, (seen) => decideOrders(seen, commands, rulesAt(nextId, nowMs)))).decision;
  }
  const run = async (commands: readonly OrderInput[], node = 0, nowMs = NOW_MS): Promise<readonly OrderOutcome[]> =>
    (await change(commands, node, nowMs)).outcomes;
  /** Answers every step until the order has none. */
  async function drive(from: Order, node = 0, nowMs = NOW_MS, discount = 0n): Promise<Order> {
    let order = from;
    for (let change = successOf(order, discount); change; change = successOf(order, discount)) {
      order = orderIn((await run([inputFor(order.id, change)], node, nowMs))[0]);
    }
    return order;
  }
  async function placed(command: OrderInput, node = 0): Promise<Order> {
    return drive(orderIn((await run([command], node))[0]), node);
  }
  /** How products and time sales are. */
  async function units(): Promise<OrderSnapshot> {
    const seen: OrderSnapshot[] = [];
    const wanting = place(999n, 'look', {
      items: [...OF_SALE.items, { productId: 2n, timeSaleId: null, quantity: 1 }],
    });
    await opened.nodes[2].changeBatch([wanting], (snapshot) => {
      seen.push(snapshot);
      return decideOrders(snapshot, [], rulesAt(nextId));
    });
    const [snapshot] = seen;
    if (!snapshot) throw new Error('nothing was decided');
    return snapshot;
  }
  const stock = (changed: Parameters<typeof product>[1] = {}) =>
    opened.put({ products: [product(1n, changed), product(2n)] });

  it('an order advances from placement to refund with each step on another node', async () => {
    await opened.put({ products: [product(1n, { supplied: 110 })], timeSales: [timeSale(5n)] });
    const command = place(7n, 'a', {
      items: [
        { productId: 1n, timeSaleId: null, quantity: 3 },
        { productId: 1n, timeSaleId: 5n, quantity: 2 },
      ],
      couponId: 9n,
      usePoints: 4_000n,
    });
    let order = orderIn((await run([command]))[0]);
    expect(order.state).toEqual({ status: 'PENDING', step: 'RESERVE_COUPON' });
    order = await drive(order, 1, NOW_MS, 1_000n);
    expect(order).toMatchObject({
      state: { status: 'RESERVED', step: null },
      couponDiscount: 1_000n,
      pointsUsed: 4_000n,
    });
    order = await drive(orderIn((await run([pay(order.id)], 2))[0]), 0);
    expect(order.state).toMatchObject({ status: 'PAID', paidAtMs: NOW_MS });
    expect(await opened.nodes[1].findOrder(order.id)).toEqual(order);
    expect((await units()).products.get(1n)).toMatchObject({ stock: 97, reserved: 0, sold: 5 });
    expect((await units()).timeSales.get(5n)).toMatchObject({ stock: 8, reserved: 0, sold: 2 });
    expect(await opened.dailySales()).toEqual([{ productId: 1n, day: '2026-03-01', quantity: 5 }]);

    const [first] = await run([refund(order.id, 'r1', [{ line: 2, quantity: 1 }])], 2);
    const [rest, again] = await run([refund(order.id, 'r2'), refund(order.id, 'r2')], 1);
    if (first?.kind !== 'order' || rest?.kind !== 'order' || again?.kind !== 'order') throw new Error('not refunded');
    expect([first.order.state.status, rest.order.state.status]).toEqual(['PAID', 'REFUNDED']);
    expect([again.replayed, again.refund]).toEqual([true, rest.refund]);
    expect(rest.order).toMatchObject({ refundedAmount: 39_000n, refundedPoints: 4_000n });
    for (const made of [first.refund, rest.refund]) {
      for (let step = made?.step ?? null; made && step; ) {
        const [outcome] = await run([inputFor(order.id, { kind: 'REFUND_STEP', refundId: made.id, step })], 2);
        step = (outcome?.kind === 'order' ? outcome.refund?.step : undefined) ?? null;
      }
    }
    expect(await opened.nodes[0].nextDueMs()).toBeUndefined();
    expect((await units()).products.get(1n)).toMatchObject({ stock: 100, reserved: 0, sold: 0 });
    expect((await units()).timeSales.get(5n)).toMatchObject({ stock: 10, reserved: 0, sold: 0 });
    expect(await opened.dailySales()).toEqual([{ productId: 1n, day: '2026-03-01', quantity: 0 }]);
  });

  it('the units of an ended order return to the time sale, or to the product after the end of the sale', async () => {
    await opened.put({
      products: [product(1n, { supplied: 110 })],
      timeSales: [timeSale(5n, { endsAtMs: NOW_MS + 1_000 })],
    });
    const order = await placed(place(7n, 'a', OF_SALE));
    const later = NOW_MS + RESERVATION_MS;
    expect((await opened.nodes[1].dueOrders(later, 10)).map(({ id }) => id)).toEqual([order.id]);
    const [ended] = await run([checkTimeOut(order.id)], 1, later);
    expect(orderIn(ended).state).toEqual({
      status: 'ENDED',
      step: null,
      ending: { status: 'EXPIRED' },
      endedAtMs: later,
    });
    expect((await units()).products.get(1n)).toMatchObject({ stock: 101, reserved: 0 });
    expect((await units()).timeSales.get(5n)).toMatchObject({ stock: 9, reserved: 0, returned: 1 });
  });

  it('a key places one order, and a repeat returns its present state', async () => {
    await stock();
    const [first, again, other] = await run([place(7n, 'a'), place(7n, 'a'), place(7n, 'a', { contentHash: 'other' })]);
    expect([orderIn(again).id, outcomeCodes(other ? [other] : [])]).toEqual([
      orderIn(first).id,
      ['IDEMPOTENCY_KEY_REUSED'],
    ]);
    const order = await drive(orderIn((await run([pay(orderIn(first).id)]))[0]));
    expect(await run([place(7n, 'a')], 1)).toEqual([{ kind: 'placed', order, replayed: true }]);
    expect(outcomeCodes(await run([place(8n, 'a')], 1))).toEqual(['placed']);
  });

  it('one reported payment pays all orders for which it is', async () => {
    await stock();
    const orders = [await placed(place(7n, 'a')), await placed(place(7n, 'b'))];
    const money = { kind: 'MONEY_IN', payment: { providerRef: 'both' }, amount: 10_000n, source: 'BUS' } as const;
    for (const { id } of orders) expect(orderIn((await run([inputFor(id, money)]))[0]).state.status).toBe('PAID');
  });

  it('a list of commands has the same result however it is split into batches', async () => {
    const users = [1n, 2n, 3n, 4n, 5n, 6n];
    const placing = users.map((userId) => place(userId, 'k', userId % 2n === 0n ? OF_SALE : {}));
    // Ids do not depend on the batches, so that changes can name the orders that come.
    const ids = users.map((_, index) => 1_001n + BigInt(index));
    const story: readonly (readonly OrderInput[])[] = [
      [...placing, place(2n, 'l', OF_SALE), place(2n, 'm', OF_SALE)],
      ids.flatMap((id): OrderInput[] => [pay(id), inputFor(id, { kind: 'CANCEL' }), checkTimeOut(id)]),
      ids.map((id) =>
        inputFor(id, { kind: 'MONEY_IN', payment: { providerRef: `ref ${id}` }, amount: 10_000n, source: 'BUS' }),
      ),
      [...ids.map((id) => refund(id, 'r', [{ line: 1, quantity: 1 }])), ...placing, place(2n, 'n', OF_SALE)],
    ];
    const returned: string[][] = [];
    const left: unknown[] = [];
    for (const size of [1, 3, 100]) {
      const mine = await open();
      const ownIds = countingIds(1_001n);
      await mine.put({ products: [product(1n, { stock: 12, supplied: 16 })], timeSales: [timeSale(5n, { stock: 4 })] });
      const outcomes: OrderOutcome[] = [];
      for (const commands of story) {
        for (let from = 0; from < commands.length; from += size) {
          const batch = commands.slice(from, from + size);
          const store = mine.nodes[from % 3] ?? mine.nodes[0];
          const { decision } = await store.changeBatch(batch, (seen) => decideOrders(seen, batch, rulesAt(ownIds)));
          outcomes.push(...decision.outcomes);
        }
      }
      returned.push(
        outcomes.map((outcome) =>
          outcome.kind === 'refused' ? outcome.refusal.code : JSON.stringify(outcome, bigints),
        ),
      );
      const lists = await Promise.all(users.map((userId) => mine.nodes[0].listOrders({ userId, limit: 20 })));
      left.push(lists);
      await mine.close();
    }
    expect(returned[1]).toEqual(returned[0]);
    expect(returned[2]).toEqual(returned[0]);
    expect(left[1]).toEqual(left[0]);
    expect(left[2]).toEqual(left[0]);
    // The story has a bit of everything.
    expect(new Set(returned[0]?.filter((text) => !text.startsWith('{')))).toEqual(
      new Set(['PURCHASE_LIMIT_EXCEEDED', 'ORDER_NOT_CANCELLABLE', 'ORDER_NOT_REFUNDABLE']),
    );
  });

  describe('concurrent batches on three nodes', () => {
    it('concurrent batches sell exactly the units of a product and of its time sale', async () => {
      await opened.put({
        products: [product(1n, { stock: 30, supplied: 40 })],
        timeSales: [timeSale(5n, { limitPerUser: 1 })],
      });
      const batches = Array.from({ length: 24 }, (_, n) =>
        run(
          [1, 2, 3, 4].map((user) => place(BigInt(n * 10 + user), 'k', user % 2 === 0 ? OF_SALE : {})),
          n,
        ),
      );
      const returned = outcomeCodes((await Promise.all(batches)).flat());
      expect(returned.filter((code) => code === 'placed')).toHaveLength(40);
      expect(returned.filter((code) => code === 'OUT_OF_STOCK')).toHaveLength(96 - 40);
      const { products, timeSales } = await units();
      expect(products.get(1n)).toMatchObject({ stock: 0, reserved: 30 });
      expect(timeSales.get(5n)).toMatchObject({ stock: 0, reserved: 10 });
    });

    it('concurrent batches keep the limit for each user of a time sale and the limit of open orders', async () => {
      await opened.put({ products: [product(1n, { supplied: 110 }), product(2n)], timeSales: [timeSale(5n)] });
      const sale = await Promise.all(Array.from({ length: 12 }, (_, n) => run([place(7n, `s${n}`, OF_SALE)], n)));
      expect(outcomeCodes(sale.flat()).sort()).toEqual([
        ...Array(10).fill('PURCHASE_LIMIT_EXCEEDED'),
        'placed',
        'placed',
      ]);
      const open = await Promise.all(
        Array.from({ length: 30 }, (_, n) =>
          run([place(7n, `o${n}`, { items: [{ productId: 2n, timeSaleId: null, quantity: 1 }] })], n),
        ),
      );
      expect(outcomeCodes(open.flat()).filter((code) => code === 'placed')).toHaveLength(OPEN_MAX - 2);
    });

    it('concurrent batches with one key place one order, also of different products', async () => {
      await stock();
      for (const products of [[1n], [1n, 2n]]) {
        const key = `key of ${products.length}`;
        const outcomes = await Promise.all(
          Array.from({ length: 18 }, (_, n) => {
            const productId = products[n % products.length] ?? 1n;
            return run(
              [place(7n, key, { items: [{ productId, timeSaleId: null, quantity: 1 }], contentHash: `${productId}` })],
              n,
            );
          }),
        );
        const ids = outcomes.flat().flatMap((outcome) => (outcome.kind === 'placed' ? [outcome.order.id] : []));
        expect(new Set(ids).size).toBe(1);
        const reused = outcomeCodes(outcomes.flat()).filter((code) => code === 'IDEMPOTENCY_KEY_REUSED');
        expect(ids.length + reused.length).toBe(18);
        expect(reused).toHaveLength(products.length === 1 ? 0 : 9);
      }
      expect(await opened.nodes[0].listOrders({ userId: 7n, limit: 20 })).toHaveLength(2);
    });

    it('concurrent payment, cancellation and expiry of an order reach one final state', async () => {
      await stock();
      const orders = await Promise.all(Array.from({ length: 12 }, (_, n) => placed(place(BigInt(n + 1), 'k'), n)));
      const later = NOW_MS + RESERVATION_MS;
      const money = (order: Order) =>
        inputFor(order.id, {
          kind: 'MONEY_IN',
          payment: { providerRef: `ref ${order.id}` },
          amount: 10_000n,
          source: 'BUS',
        });
      await Promise.all(
        orders.flatMap((order, n) => [
          run([money(order), pay(order.id)], n),
          run([inputFor(order.id, { kind: 'CANCEL' })], n + 1),
          run([checkTimeOut(order.id), money(order)], n + 2, later),
        ]),
      );
      const ends = await Promise.all(orders.map(({ id }) => opened.nodes[0].findOrder(id)));
      for (const end of ends) expect(['PAID', 'ENDED']).toContain(end?.state.status);
      const sold = ends.filter((end) => end?.state.status === 'PAID').length;
      expect((await units()).products.get(1n)).toMatchObject({ stock: 100 - sold, reserved: 0, sold });
    });

    it('concurrent batches that name products, sales and orders in any order never deadlock', async () => {
      await opened.put({
        products: [product(1n, { supplied: 1_010, stock: 1_000 }), product(2n, { supplied: 1_010, stock: 1_000 })],
        timeSales: [timeSale(5n, { limitPerUser: 1_000 }), timeSale(6n, { productId: 2n, limitPerUser: 1_000 })],
      });
      const items = [
        { productId: 1n, timeSaleId: null, quantity: 1 },
        { productId: 2n, timeSaleId: null, quantity: 1 },
        { productId: 1n, timeSaleId: 5n, quantity: 1 },
        { productId: 2n, timeSaleId: 6n, quantity: 1 },
      ];
      const users = [1n, 2n, 3n, 4n, 5n, 6n];
      const orders = await Promise.all(users.map((user, n) => placed(place(user, 'first', { items }), n)));
      const mixed = Array.from({ length: 24 }, (_, n) => {
        const mine = n % 2 === 0 ? users : users.toReversed();
        const wanted = n % 3 === 0 ? items : items.toReversed();
        const placing = mine.slice(0, 3).map((user) => place(user, `g${n}`, { items: wanted.slice(0, 2) }));
        const changes = (n % 2 === 0 ? orders : orders.toReversed()).map(({ id }) =>
          n < 12 ? pay(id, `p${n}`) : inputFor(id, { kind: 'CANCEL' }),
        );
        return run(n % 4 < 2 ? [...placing, ...changes] : [...changes, ...placing], n);
      });
      await Promise.all(mixed);
      const { products } = await units();
      expect(products.get(1n)?.stock).toBeLessThan(1_000);
    });
  });
}

const bigints = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
