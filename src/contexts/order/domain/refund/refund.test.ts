import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countingIds } from '../../../../../test/support/counting-ids.ts';
import { DAY_MS } from '../../../../platform/kernel/durations.ts';
import { NOW_MS, product, timeSale } from '../../test/catalog.ts';
import { type Change, inputFor } from '../../test/commands.ts';
import { line, order, payment } from '../../test/sample-decision.ts';
import { decideOrders } from '../decide-orders.ts';
import { buyerKey, type OrderDecision, type OrderSnapshot } from '../decision.ts';
import { type Order, type Refund, totalOf } from '../order.ts';
import { moneyOf, priced } from '../placement/price.ts';

const PAID_MS = NOW_MS - DAY_MS;

/** Paid yesterday: three units at the regular price, two from a time sale, a coupon and points on top. */
function paid(discount: bigint, usePoints: bigint): Order {
  const lines = [line({ quantity: 3, unitPrice: 10_007n }), line({ line: 2, timeSaleId: 5n, unitPrice: 3_333n })];
  return order(1n, {
    state: { status: 'PAID', step: null, paymentId: 50n, paidAtMs: PAID_MS },
    ...priced(lines, { amount: discount, storeId: null }, usePoints),
    couponId: 9n,
    usePoints,
  });
}

function shop(of: Order, sale: Parameters<typeof timeSale>[1] = {}): OrderSnapshot {
  const money = payment(50n, 1n, { status: 'COMPLETED', amount: totalOf(of), settledAtMs: PAID_MS });
  return {
    products: new Map([[1n, product(1n, { stock: 10, sold: 5 })]]),
    timeSales: new Map([[5n, timeSale(5n, { stock: 8, sold: 2, quantity: 10, ...sale })]]),
    bought: new Map([[buyerKey(5n, 7n), 2]]),
    openOrders: new Map(),
    orders: new Map([[1n, of]]),
    payments: new Map([[50n, money]]),
    refunds: new Map(),
  };
}

const decide = (snapshot: OrderSnapshot, ...changes: readonly Change[]): OrderDecision =>
  decideOrders(
    snapshot,
    changes.map((change) => inputFor(1n, change)),
    { nowMs: NOW_MS, nextId: countingIds(101n), reservationMs: 600_000, currency: 'KRW', openOrdersMax: 20 },
  );
const asking = (
  key: string,
  ...units: readonly (readonly [line: number, quantity: number])[]
): Extract<Change, { kind: 'REFUND' }> => ({
  kind: 'REFUND',
  key,
  contentHash: `hash of ${key}`,
  lines: units.map(([of, quantity]) => ({ line: of, quantity })),
  stores: null,
  reason: 'broken',
  by: 'ADMIN 1',
});
const sum = (parts: readonly Refund[], of: 'money' | 'points') => parts.reduce((all, part) => all + part[of], 0n);

describe('refunds', () => {
  it('refunds return exactly what was paid, in any parts and any order', () => {
    const units = fc.shuffledSubarray([1, 1, 1, 2, 2], { minLength: 5 });
    const cuts = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });
    fc.assert(
      fc.property(fc.bigInt(0n, 40_000n), fc.bigInt(0n, 40_000n), units, cuts, (discount, points, of, at) => {
        const before = paid(discount, points);
        const ends = [...new Set([...at, of.length])].sort((a, b) => a - b);
        const parts = ends.map((end, index) => of.slice(ends[index - 1] ?? 0, end));
        const changes = parts.map((part, index) => asking(String(index), ...part.map((each) => [each, 1] as const)));
        const { newRefunds, changedOrders } = decide(shop(before), ...changes);
        expect(newRefunds).toHaveLength(parts.length);
        expect([sum(newRefunds, 'money'), sum(newRefunds, 'points')]).toEqual([totalOf(before), before.pointsUsed]);
        expect(newRefunds.every(({ money, points: back }) => money >= 0n && back >= 0n)).toBe(true);
        expect(changedOrders).toMatchObject([
          { state: { status: 'REFUNDED' }, refundedAmount: totalOf(before), refundedPoints: before.pointsUsed },
        ]);
        expect(newRefunds.map(({ restoresCoupon }) => restoresCoupon)).toEqual(
          parts.map((_, index) => index === parts.length - 1),
        );
      }),
    );
  });

  it('refunds by several sellers return to each line what was paid for it, and no more than that', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 40_000n), fc.bigInt(0n, 40_000n), fc.boolean(), (discount, points, isFirst) => {
        const lines = [
          line({ quantity: 3, unitPrice: 10_007n, storeId: 1n }),
          line({ line: 2, timeSaleId: 5n, unitPrice: 3_333n, storeId: 2n }),
        ];
        const before = {
          ...paid(0n, 0n),
          ...priced(lines, { amount: discount, storeId: 1n }, points),
          usePoints: points,
        };
        const by = (storeId: bigint) => ({ ...asking(`of ${storeId}`), stores: new Set([storeId]) });
        const order = isFirst ? [1n, 2n] : [2n, 1n];
        const { newRefunds, changedOrders } = decide(shop(before), ...order.map(by));
        expect(newRefunds.map(({ money, points: back }) => [money, back])).toEqual(
          order.map((storeId) => {
            const [own] = before.lines.filter((each) => each.storeId === storeId);
            return own && [moneyOf(own), own.pointsUsed];
          }),
        );
        expect(newRefunds.map(({ restoresCoupon }) => restoresCoupon)).toEqual([false, true]);
        expect(changedOrders).toMatchObject([{ state: { status: 'REFUNDED' }, refundedAmount: totalOf(before) }]);
      }),
    );
  });

  it('a seller refunds no line of another seller, and no order without a line of theirs', () => {
    const lines = [line({ storeId: 1n }), line({ line: 2, timeSaleId: 5n, storeId: 2n })];
    const before = { ...paid(0n, 0n), lines };
    const code = (stores: readonly bigint[], ...units: readonly (readonly [line: number, quantity: number])[]) => {
      const [outcome] = decide(shop(before), { ...asking('a', ...units), stores: new Set(stores) }).outcomes;
      return outcome?.kind === 'refused' ? outcome.refusal.code : outcome?.kind;
    };
    expect([code([1n], [2, 1]), code([3n]), code([3n], [1, 1]), code([1n], [1, 1]), code([1n, 2n], [2, 1])]).toEqual([
      'FORBIDDEN',
      'ORDER_NOT_FOUND',
      'ORDER_NOT_FOUND',
      'order',
      'order',
    ]);
  });

  it('a refund of everything names all units that are left, and returns units and statistics at once', () => {
    const before = paid(3_000n, 2_000n);
    const decision = decide(shop(before), asking('a', [1, 1]), asking('b'));
    expect(decision.newRefunds.map(({ lines }) => lines.map(({ line: of, quantity }) => [of, quantity]))).toEqual([
      [[1, 1]],
      [
        [1, 2],
        [2, 2],
      ],
    ]);
    expect(decision.products).toMatchObject([{ stock: 13, sold: 0 }]);
    expect(decision.timeSales).toMatchObject([{ stock: 10, sold: 0, returned: 0 }]);
    expect(decision.bought).toEqual([{ timeSaleId: 5n, userId: 7n, quantity: 0 }]);
    // Taken off the day on which they were sold.
    expect(decision.dailySales).toEqual([{ productId: 1n, day: '2026-02-28', quantity: -5 }]);
    expect(decision.events).toMatchObject([
      { topic: 'order.refunded', order: { state: { status: 'PAID' } } },
      { topic: 'order.refunded', order: { state: { status: 'REFUNDED' } } },
    ]);
    expect(decision.history.map(({ status, amount, note }) => [status, amount, note])).toEqual(
      decision.newRefunds.map(({ money, points }, index) => [
        ['PAID', 'REFUNDED'][index],
        money + points,
        'REFUND broken',
      ]),
    );
  });

  it.each([
    ['at its end', { endsAtMs: NOW_MS }],
    ['whose end is written down', { announced: 'ENDED' }],
  ] as const)('a refund of units of a time sale %s returns them to the product', (_, sale) => {
    const decision = decide(shop(paid(0n, 0n), sale), asking('a', [2, 1]));
    expect(decision.products).toMatchObject([{ stock: 11, sold: 4 }]);
    expect(decision.timeSales).toMatchObject([{ stock: 8, sold: 1, returned: 1 }]);
  });

  it.each([
    ['more than there were', [[1, 4]]],
    [
      'more than there were, in pieces',
      [
        [2, 1],
        [2, 1],
        [2, 1],
      ],
    ],
    ['a line that there is not', [[3, 1]]],
    ['less than one', [[1, 0]]],
    [
      'a negative number',
      [
        [1, 2],
        [1, -1],
      ],
    ],
  ] as const)('a refund of %s is refused and changes nothing', (_, units) => {
    const { outcomes, newRefunds, changedOrders, history } = decide(shop(paid(0n, 0n)), asking('a', ...units));
    expect(outcomes).toMatchObject([{ kind: 'refused', refusal: { code: 'ORDER_NOT_REFUNDABLE' } }]);
    expect([newRefunds, changedOrders, history]).toEqual([[], [], []]);
  });

  it('a key makes one refund, and is refused with another body', () => {
    const once = asking('a', [1, 1]);
    const { outcomes, newRefunds } = decide(shop(paid(0n, 0n)), once, once, {
      ...asking('a'),
      contentHash: 'other',
    } as Change);
    expect(newRefunds).toHaveLength(1);
    expect(outcomes).toMatchObject([
      { changed: true, replayed: false },
      { changed: false, replayed: true, refund: { key: 'a' } },
      { refusal: { code: 'IDEMPOTENCY_KEY_REUSED' } },
    ]);
  });

  it.each([
    ['money, points and a coupon', paid(3_000n, 2_000n), ['MONEY', 'POINTS', 'COUPON', null]],
    ['points alone', { ...paid(0n, 1_000_000n), couponId: null }, ['POINTS', null]],
    ['money alone', { ...paid(0n, 0n), couponId: null }, ['MONEY', null]],
    ['a coupon that paid all', paid(1_000_000n, 0n), ['COUPON', null]],
  ] as const)('a refund of %s runs each of its steps once, and then the payment is refunded', (_, before, expected) => {
    const steps: Refund['step'][] = [];
    const changes: Change[] = [asking('a')];
    for (;;) {
      const { newRefunds, newPayments, changedPayments } = decide(shop(before), ...changes);
      const [made] = newRefunds;
      if (!made) throw new Error('nothing was made');
      steps.push(made.step);
      if (made.step !== 'MONEY') expect(changedPayments).toMatchObject([{ status: 'REFUNDED' }]);
      expect([newPayments, Number.isFinite(made.resumeAtMs)]).toEqual([[], made.step !== null]);
      if (made.step === null) break;
      const done: Change = { kind: 'REFUND_STEP', refundId: made.id, step: made.step };
      changes.push(done, { kind: 'REFUND_FAILED', refundId: made.id, step: 'none' });
    }
    expect(steps).toEqual(expected);
  });
});
