import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../platform/kernel/durations.ts';
import type { OrderReader } from '../application/ports.ts';
import { buyerKey, type OrderDecision, type OrderSnapshot } from '../domain/decision.ts';
import type { OrderInput } from '../domain/input.ts';
import type { Order, OrderState, Payment, Refund } from '../domain/order.ts';
import { NOW_MS, product, timeSale } from './catalog.ts';
import { checkTimeOut, place } from './commands.ts';
import type { OpenStores } from './open-stores.ts';
import { decided, line, order, payment, refund } from './sample-decision.ts';

const BIG = 9_007_199_254_740_993n;
const REFUSAL = { code: 'COUPON_EXPIRED', details: { couponId: '5', note: 'a "quoted" {word}, null' } };

const STATES: readonly OrderState[] = [
  { status: 'PENDING', step: 'RESERVE_COUPON' },
  { status: 'PENDING', step: 'HOLD_POINTS' },
  { status: 'RESERVED', step: null },
  { status: 'RESERVED', step: 'TAKE_MONEY', paymentId: BIG },
  { status: 'RESERVED', step: 'CONFIRM_COUPON', paymentId: BIG },
  { status: 'RESERVED', step: 'CAPTURE_POINTS', paymentId: BIG },
  { status: 'ENDING', step: 'RELEASE_POINTS', was: 'PENDING', ending: { status: 'FAILED', refusal: REFUSAL } },
  { status: 'ENDING', step: 'RELEASE_COUPON', was: 'RESERVED', ending: { status: 'EXPIRED' } },
  { status: 'ENDING', step: 'RELEASE_COUPON', was: 'RESERVED', ending: { status: 'CANCELLED' } },
  { status: 'ENDED', step: null, ending: { status: 'CANCELLED' }, endedAtMs: NOW_MS + 1 },
  { status: 'ENDED', step: null, ending: { status: 'EXPIRED' }, endedAtMs: NOW_MS + 2 },
  {
    status: 'ENDED',
    step: null,
    ending: { status: 'FAILED', refusal: { code: 'INSUFFICIENT_POINTS', details: {} } },
    endedAtMs: NOW_MS + 3,
  },
  { status: 'PAID', step: null, paymentId: BIG, paidAtMs: NOW_MS + 4 },
  { status: 'REFUNDED', step: null, paymentId: BIG, paidAtMs: NOW_MS + 5 },
];

/** Different from what an order begins with, in every column that may change. */
const LATER: Partial<Order> = {
  couponDiscount: 3_001n,
  pointsUsed: 999n,
  refundedAmount: BIG,
  refundedPoints: 500n,
  expiresAtMs: NOW_MS + 7,
  resumeAtMs: Number.POSITIVE_INFINITY,
  attempts: 3,
  version: 2,
};

/** What every store of orders keeps, whatever was decided. */
export function orderStoreSuite(open: () => Promise<OpenStores>): void {
  let opened: OpenStores;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());

  const node = (index: number) => opened.nodes[index % 3] ?? opened.nodes[0];
  const keep = (parts: Partial<OrderDecision>, commands: readonly OrderInput[], on = node(0)) =>
    on.changeBatch(commands, () => decided(parts));
  /** What a batch of these commands sees, on another node. */
  async function seenBy(...commands: readonly OrderInput[]): Promise<OrderSnapshot> {
    const seen: OrderSnapshot[] = [];
    await node(1).changeBatch(commands, (snapshot) => {
      seen.push(snapshot);
      return decided({});
    });
    const [snapshot] = seen;
    if (!snapshot) throw new Error('nothing was decided');
    return snapshot;
  }
  const history = (orders: readonly Order[]): OrderDecision['history'] =>
    orders.map(({ id, version }) => ({ orderId: id, version, status: 'RESERVED', amount: 1n, note: 'TEST' }));
  const put = (...orders: readonly Order[]) =>
    keep({ newOrders: orders, history: history(orders) }, [place(7n, 'any')]);

  describe('stored orders', () => {
    it.each(STATES)('an order is read as it was placed: $status $step', async (state) => {
      const placed = order(BIG, {
        state,
        couponId: BIG,
        usePoints: 1_000n,
        expectedTotal: 16_000n,
        key: 'a "key" {with} \\ everything, null',
        lines: [
          line({ couponDiscount: 2_000n }),
          line({
            line: 2,
            timeSaleId: BIG,
            productName: '우산 "크다", \\ {}',
            pointsUsed: 1_000n,
            refundedQuantity: 1,
          }),
        ],
      });
      await put(placed);
      expect(await node(2).findOrder(BIG)).toEqual(placed);
      expect((await seenBy(checkTimeOut(BIG))).orders).toEqual(new Map([[BIG, placed]]));
    });

    it.each(STATES)('an order is read as it was changed: $status $step', async (state) => {
      const placed = order(1n, { lines: [line(), line({ line: 2 }), line({ line: 3, timeSaleId: 9n })] });
      await put(placed, order(2n));
      const [first, , third] = placed.lines;
      const lines = [
        { ...(first ?? line()), couponDiscount: 3_001n, pointsUsed: 9n },
        line({ line: 2 }),
        { ...(third ?? line()), refundedQuantity: 2 },
      ];
      const changed = { ...placed, ...LATER, state, lines };
      await keep({ changedOrders: [changed], history: history([changed]) }, [checkTimeOut(1n)]);
      const back = { ...changed, state: STATES[0] ?? state, version: 3, lines: placed.lines };
      expect(await node(2).findOrder(1n)).toEqual(changed);
      await keep({ changedOrders: [back], history: history([back]) }, [checkTimeOut(1n)]);
      expect(await node(2).findOrder(1n)).toEqual(back);
      expect(await node(2).findOrder(2n)).toEqual(order(2n));
    });

    it('an order that was not placed is not found', async () => {
      expect(await node(0).findOrder(1n)).toBeUndefined();
      expect((await seenBy(checkTimeOut(1n))).orders.size).toBe(0);
    });

    it('an order is found by its user and key when the request is repeated', async () => {
      await put(order(1n, { key: 'a' }), order(2n, { key: 'b' }), order(3n, { key: 'a', userId: 8n }));
      const { orders } = await seenBy(place(7n, 'a'), place(8n, 'b'), place(9n, 'a'));
      expect([...orders.keys()]).toEqual([1n]);
    });
  });

  describe('payments and refunds', () => {
    const full: Payment = payment(BIG, 1n, {
      providerRef: 'ref "1"',
      reportedId: BIG - 1n,
      providerUrl: 'https://pay.example/1?a={b}',
      refusal: REFUSAL,
      status: 'FAILED',
      settledAtMs: NOW_MS + 1,
    });
    const plain: Payment = payment(11n, 1n, { method: 'POINTS', key: null, contentHash: null });

    it('payments and refunds are read as they were created and changed, with their order', async () => {
      await put(order(1n), order(2n));
      const others = payment(12n, 2n);
      await keep({ newPayments: [full, plain, others] }, [checkTimeOut(1n), checkTimeOut(2n)]);
      const { payments } = await seenBy(checkTimeOut(1n));
      expect(payments).toEqual(
        new Map([
          [BIG, full],
          [11n, plain],
        ]),
      );
      const asked = { ...plain, providerRef: 'later', reportedId: 999n, providerUrl: 'https://pay.example/2' };
      const settled: Payment = { ...full, status: 'COMPLETED', amount: BIG, refusal: null, settledAtMs: NOW_MS + 9 };
      await keep({ changedPayments: [asked, settled] }, [checkTimeOut(1n)]);
      expect([...(await seenBy(checkTimeOut(1n))).payments.values()]).toEqual(expect.arrayContaining([asked, settled]));
      expect(await node(2).findPayment(11n)).toEqual(asked);
      expect(await node(2).findPayment(12n)).toEqual(others);
      expect(await node(2).findPayment(99n)).toBeUndefined();
    });

    it('the payments and the refunds of an order are two lists', async () => {
      await put(order(1n), order(2n));
      const whole: Refund = refund(BIG, 1n, {
        lines: [1, 2].map((n) => ({ line: n, quantity: n, money: BIG, points: 0n })),
        restoresCoupon: true,
      });
      const late: Refund = refund(21n, 1n, { key: null, contentHash: null, lines: [], step: null });
      await keep({ newRefunds: [whole, late, refund(22n, 2n)] }, [checkTimeOut(1n), checkTimeOut(2n)]);
      const seen = await seenBy(checkTimeOut(1n));
      expect(seen.refunds).toEqual(
        new Map([
          [BIG, whole],
          [21n, late],
        ]),
      );
      expect(seen.payments.size).toBe(0);
      const stepped: Refund = { ...whole, step: 'POINTS', attempts: 2, resumeAtMs: NOW_MS + 9 };
      const done: Refund = { ...stepped, step: null, resumeAtMs: Number.POSITIVE_INFINITY };
      for (const next of [stepped, done]) {
        await keep({ changedRefunds: [next] }, [checkTimeOut(1n)]);
        expect(await node(2).findRefund(BIG)).toEqual(next);
      }
      expect(await node(2).findRefund(99n)).toBeUndefined();
    });
  });

  describe('stored units', () => {
    it('the units of products and time sales are read as they were written, and nothing else of them changes', async () => {
      const [p, other] = [product(BIG, { storeId: 3n, hidden: true }), product(2n)];
      const [s, another] = [timeSale(5n, { productId: BIG, announced: 'ENDED' }), timeSale(6n)];
      await opened.put({ products: [p, other], timeSales: [s, another] });
      const left = { ...p, stock: 10, reserved: 60, sold: 30 };
      const leftOfSale = { ...s, stock: 1, reserved: 2, sold: 3, returned: 4, restocks: 5 };
      const named = place(7n, 'a', { items: [{ productId: BIG, timeSaleId: 5n, quantity: 1 }] });
      await keep({ products: [left], timeSales: [leftOfSale] }, [named]);
      const seen = await seenBy(named);
      expect([seen.products, seen.timeSales]).toEqual([new Map([[BIG, left]]), new Map([[5n, leftOfSale]])]);
      const both = await seenBy(named, place(8n, 'b', { items: [{ productId: 2n, timeSaleId: 6n, quantity: 1 }] }));
      expect([both.products.get(2n), both.timeSales.get(6n)]).toEqual([other, another]);
    });

    it('a command for an order loads the units of its products, and those of the time sale that its user has', async () => {
      await opened.put({ products: [product(1n), product(2n), product(3n)], timeSales: [timeSale(5n), timeSale(6n)] });
      await put(order(1n, { lines: [line({ timeSaleId: 5n }), line({ line: 2, productId: 2n })] }));
      const bought = [
        { timeSaleId: 5n, userId: 7n, quantity: 2 },
        { timeSaleId: 5n, userId: 8n, quantity: 1 },
        { timeSaleId: 6n, userId: 7n, quantity: 1 },
      ];
      await keep({ bought }, [checkTimeOut(1n)]);
      const seen = await seenBy(checkTimeOut(1n));
      expect([...seen.products.keys()].sort()).toEqual([1n, 2n]);
      expect([...seen.timeSales.keys()]).toEqual([5n]);
      expect(seen.bought).toEqual(new Map([[buyerKey(5n, 7n), 2]]));
      await keep({ bought: [{ timeSaleId: 5n, userId: 7n, quantity: 0 }] }, [checkTimeOut(1n)]);
      const wanting = place(7n, 'b', { items: [{ productId: 1n, timeSaleId: 5n, quantity: 1 }] });
      const others = await seenBy(wanting, { ...wanting, userId: 8n }, { ...wanting, userId: 9n });
      expect(others.bought.get(buyerKey(5n, 7n))).toBe(0);
      expect(others.bought.get(buyerKey(5n, 8n))).toBe(1);
      expect(others.bought.get(buyerKey(5n, 9n)) ?? 0).toBe(0);
    });

    it('sold units are counted by day, and subtracted again', async () => {
      const sales = (quantity: number) => [
        { productId: 1n, day: '2026-03-01', quantity },
        { productId: 2n, day: '2026-03-01', quantity: 1 },
      ];
      await keep({ dailySales: sales(3) }, [checkTimeOut(1n)]);
      await keep({ dailySales: sales(-1) }, [checkTimeOut(1n)]);
      expect(await opened.dailySales()).toEqual([
        { productId: 1n, day: '2026-03-01', quantity: 2 },
        { productId: 2n, day: '2026-03-01', quantity: 2 },
      ]);
    });
  });

  it('the store counts the open orders of a user: those that are neither paid nor ended', async () => {
    await put(...STATES.map((state, index) => order(BigInt(index + 1), { state })), order(99n, { userId: 8n }));
    const { openOrders } = await seenBy(place(7n, 'a'), place(8n, 'b'), place(9n, 'c'), checkTimeOut(1n));
    expect([openOrders.get(7n), openOrders.get(8n), openOrders.get(9n) ?? 0]).toEqual([9, 1, 0]);
  });

  describe('lists of orders', () => {
    const ids = (rows: readonly { readonly id: bigint }[]) => rows.map(({ id }) => id);

    it('the orders of a user are listed newest first, by page and by public status', async () => {
      await put(
        ...STATES.map((state, index) => order(BigInt(index + 1), { state })),
        order(99n, { userId: 8n, resumeAtMs: Number.POSITIVE_INFINITY }),
      );
      const list = (query: { status?: string; before?: bigint; limit?: number }) =>
        node(1)
          .listOrders({ userId: 7n, limit: 20, ...query })
          .then(ids);
      expect(await list({})).toEqual(STATES.map((_, index) => BigInt(STATES.length - index)));
      expect(await list({ limit: 2 })).toEqual([14n, 13n]);
      expect(await list({ before: 13n, limit: 2 })).toEqual([12n, 11n]);
      expect(await list({ status: 'RESERVED' })).toEqual([9n, 8n, 6n, 5n, 4n, 3n]);
      expect(await list({ status: 'PENDING', before: 7n })).toEqual([2n, 1n]);
      expect(await list({ status: 'FAILED' })).toEqual([12n]);
    });

    it('orders of all users are listed by store and by time', async () => {
      const sold = (storeId: bigint | null) => [line({ storeId })];
      await put(
        order(1n, { userId: 7n, createdAtMs: NOW_MS - 3, lines: sold(50n) }),
        order(2n, { userId: 8n, createdAtMs: NOW_MS - 2, lines: sold(51n) }),
        order(3n, { userId: 8n, createdAtMs: NOW_MS - 1, lines: sold(50n) }),
        order(4n, { userId: 7n, createdAtMs: NOW_MS, lines: sold(null) }),
      );
      const list = (query: Omit<Parameters<OrderReader['listOrders']>[0], 'limit'>, limit = 20) =>
        node(1)
          .listOrders({ limit, ...query })
          .then(ids);
      expect(await list({})).toEqual([4n, 3n, 2n, 1n]);
      expect(await list({ before: 4n }, 2)).toEqual([3n, 2n]);
      expect(await list({ fromMs: NOW_MS - 2, toMs: NOW_MS })).toEqual([3n, 2n]);
      expect(await list({ fromMs: NOW_MS - 2, before: 3n })).toEqual([2n]);
      expect(await list({ storeId: 50n })).toEqual([3n, 1n]);
      expect(await list({ storeId: 50n, before: 3n })).toEqual([1n]);
      expect(await list({ storeId: 50n, toMs: NOW_MS - 1 })).toEqual([1n]);
      expect(await list({ storeId: 50n, userId: 8n })).toEqual([3n]);
      expect(await list({ userId: 7n, fromMs: NOW_MS - 2 })).toEqual([4n]);
      expect(await list({ status: 'PAID' })).toEqual([]);
    });

    it('due orders are listed with the longest overdue first, and the next due time is returned', async () => {
      expect(await node(0).nextDueMs()).toBeUndefined();
      const never = Number.POSITIVE_INFINITY;
      await put(
        order(1n, { resumeAtMs: NOW_MS }),
        order(2n, { resumeAtMs: NOW_MS - 5 }),
        order(3n, { resumeAtMs: NOW_MS + 1 }),
        order(4n, { resumeAtMs: never }),
      );
      expect(await node(0).nextDueMs()).toBe(NOW_MS - 5);
      expect(ids(await node(1).dueOrders(NOW_MS, 10))).toEqual([2n, 1n]);
      expect(ids(await node(1).dueOrders(NOW_MS + HOUR_MS, 2))).toEqual([2n, 1n]);
      expect(ids(await node(1).dueRefunds(NOW_MS, 10))).toEqual([]);
      const refunds = [
        refund(11n, 1n, { resumeAtMs: NOW_MS - 9 }),
        refund(12n, 2n, { resumeAtMs: NOW_MS - 10 }),
        refund(13n, 3n, { resumeAtMs: never, step: null }),
      ];
      await keep({ newRefunds: refunds }, [checkTimeOut(1n), checkTimeOut(2n), checkTimeOut(3n)]);
      expect(await node(0).nextDueMs()).toBe(NOW_MS - 10);
      expect(await node(1).dueRefunds(NOW_MS, 10)).toEqual([refunds[1], refunds[0]]);
    });
  });
}
