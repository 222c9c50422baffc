import { describe, expect, it } from 'vitest';
import { countingIds } from '../../../../../test/support/counting-ids.ts';
import { NOW_MS, product, timeSale } from '../../test/catalog.ts';
import { place } from '../../test/commands.ts';
import { order } from '../../test/sample-decision.ts';
import { decideOrders } from '../decide-orders.ts';
import { buyerKey, type OrderSnapshot } from '../decision.ts';
import type { Item, PlaceCommand } from '../input.ts';
import { totalOf } from '../order.ts';

const HELD_MS = 600_000;
const regular = (quantity: number, productId = 1n): Item => ({ productId, timeSaleId: null, quantity });
const onSale = (quantity: number): Item => ({ productId: 1n, timeSaleId: 5n, quantity });

const shop = (changed: Partial<OrderSnapshot> = {}): OrderSnapshot => ({
  products: new Map([
    [1n, product(1n, { stock: 3 })],
    [2n, product(2n, { hidden: true })],
    [8n, product(8n, { storeId: 3n, storeClosed: true })],
  ]),
  timeSales: new Map([[5n, timeSale(5n, { stock: 3 })]]),
  bought: new Map(),
  openOrders: new Map(),
  orders: new Map(),
  payments: new Map(),
  refunds: new Map(),
  ...changed,
});
const selling = (changed: Parameters<typeof timeSale>[1]) =>
  shop({ timeSales: new Map([[5n, timeSale(5n, changed)]]) });

const decide = (commands: readonly PlaceCommand[], snapshot = shop()) =>
  decideOrders(snapshot, commands, {
    nowMs: NOW_MS,
    nextId: countingIds(101n),
    reservationMs: HELD_MS,
    currency: 'KRW',
    openOrdersMax: 20,
  });
const asking = (changed: Partial<PlaceCommand>) => place(7n, 'a', changed);

describe('placement', () => {
  it('a placed order has fixed prices, takes its units and waits for its payment', () => {
    const { outcomes, products, timeSales, bought, newOrders, history, events } = decide([
      asking({ items: [regular(2), onSale(1)], expectedTotal: 27_000n }),
    ]);
    expect(newOrders).toEqual([
      order(101n, {
        key: 'a',
        contentHash: 'hash of a',
        lines: [
          { ...LINE, line: 1, quantity: 2, unitPrice: 10_000n, timeSaleId: null },
          { ...LINE, line: 2, quantity: 1, unitPrice: 7_000n, timeSaleId: 5n },
        ],
        expectedTotal: 27_000n,
        subtotal: 27_000n,
        expiresAtMs: NOW_MS + HELD_MS,
        resumeAtMs: NOW_MS + HELD_MS,
      }),
    ]);
    expect(outcomes).toEqual([{ kind: 'placed', order: newOrders[0], replayed: false }]);
    expect(products).toMatchObject([{ stock: 1, reserved: 2, sold: 0 }]);
    expect(timeSales).toMatchObject([{ stock: 2, reserved: 1, sold: 0 }]);
    expect(bought).toEqual([{ timeSaleId: 5n, userId: 7n, quantity: 1 }]);
    expect(history).toEqual([{ orderId: 101n, version: 1, status: 'RESERVED', amount: 27_000n, note: 'PLACE' }]);
    expect(events.map(({ topic }) => topic)).toEqual(['order.reserved']);
  });

  it('a buyer pays the price of the product where it is lower than that of the sale', () => {
    const cheap = shop({ products: new Map([[1n, product(1n, { price: 6_500n })]]) });
    const { newOrders } = decide([asking({ items: [onSale(2)] })], cheap);
    expect(newOrders).toMatchObject([{ subtotal: 13_000n, lines: [{ unitPrice: 6_500n }] }]);
  });

  it('an order without a coupon holds points at once, a share for each line, and never more than its total', () => {
    const { newOrders, events } = decide([asking({ items: [regular(1), onSale(1)], usePoints: 100n })]);
    expect(newOrders).toMatchObject([
      { state: { status: 'PENDING', step: 'HOLD_POINTS' }, pointsUsed: 100n, resumeAtMs: NOW_MS + 15_000 },
    ]);
    expect(newOrders[0]?.lines.map(({ pointsUsed }) => pointsUsed)).toEqual([59n, 41n]);
    expect(events).toEqual([]);
    const [all] = decide([asking({ usePoints: 99_999_999n, expectedTotal: 0n })]).newOrders;
    expect([all?.pointsUsed, all && totalOf(all)]).toEqual([10_000n, 0n]);
  });

  it('an order with a coupon checks points and the expected total after its discount is known', () => {
    const { newOrders } = decide([asking({ couponId: 9n, usePoints: 100n, expectedTotal: 1n })]);
    expect(newOrders).toMatchObject([{ state: { status: 'PENDING', step: 'RESERVE_COUPON' }, pointsUsed: 0n }]);
  });

  it.each([
    ['an unknown product', { items: [regular(1, 9n)] }, shop(), 'PRODUCT_NOT_FOUND', { productId: '9' }],
    ['one of a closed store', { items: [regular(1, 8n)] }, shop(), 'PRODUCT_NOT_FOUND', { productId: '8' }],
    ['one that is hidden', { items: [regular(1, 2n)] }, shop(), 'PRODUCT_NOT_FOUND', { productId: '2' }],
    [
      'a time sale of a product that is hidden',
      { items: [{ ...onSale(1), productId: 2n }] },
      selling({ productId: 2n }),
      'TIME_SALE_NOT_FOUND',
      { timeSaleId: '5' },
    ],
    ['more than is free', { items: [regular(4)] }, shop(), 'OUT_OF_STOCK', { productId: '1' }],
    [
      'an unknown time sale',
      { items: [onSale(1)] },
      shop({ timeSales: new Map() }),
      'TIME_SALE_NOT_FOUND',
      { timeSaleId: '5' },
    ],
    [
      'a sale of something else',
      { items: [onSale(1)] },
      selling({ productId: 2n }),
      'TIME_SALE_NOT_FOUND',
      { timeSaleId: '5' },
    ],
    [
      'a sale a millisecond early',
      { items: [onSale(1)] },
      selling({ startsAtMs: NOW_MS + 1, announced: 'SCHEDULED' }),
      'TIME_SALE_NOT_ACTIVE',
      { timeSaleId: '5', saleStatus: 'SCHEDULED' },
    ],
    [
      'a sale at its end',
      { items: [onSale(1)] },
      selling({ endsAtMs: NOW_MS }),
      'TIME_SALE_NOT_ACTIVE',
      { timeSaleId: '5', saleStatus: 'ENDED' },
    ],
    [
      'a sale whose end is written down, when a clock goes back',
      { items: [onSale(1)] },
      selling({ announced: 'ENDED' }),
      'TIME_SALE_NOT_ACTIVE',
      { timeSaleId: '5', saleStatus: 'ENDED' },
    ],
    [
      'more than one may have',
      { items: [onSale(2)] },
      shop({ bought: new Map([[buyerKey(5n, 7n), 1]]) }),
      'PURCHASE_LIMIT_EXCEEDED',
      { timeSaleId: '5', limit: '2', bought: '1' },
    ],
    [
      'a sale that is sold out',
      { items: [onSale(1)] },
      selling({ stock: 0 }),
      'OUT_OF_STOCK',
      { productId: '1', timeSaleId: '5' },
    ],
    ['another price', { expectedTotal: 9_999n }, shop(), 'PRICE_CHANGED', { total: '10000' }],
    [
      'a 21st order that is open',
      {},
      shop({ openOrders: new Map([[7n, 20]]) }),
      'OPEN_ORDER_LIMIT_EXCEEDED',
      { limit: '20' },
    ],
  ] as const)('an order is refused and takes nothing for: %s', (_, changed, snapshot, code, details) => {
    // What could be had comes first.
    const items =
      'items' in changed
        ? [regular(1), ...changed.items.filter((item) => item.timeSaleId !== null || item.productId !== 1n)]
        : [];
    for (const wanted of [changed, ...(items.length > 1 ? [{ ...changed, items }] : [])]) {
      const { outcomes, ...rows } = decide([asking(wanted)], snapshot);
      expect(outcomes).toEqual([{ kind: 'refused', refusal: { code, details }, replayed: false }]);
      expect(Object.values({ ...rows, nowMs: [] }).flat()).toEqual([]);
    }
  });

  it('a key of a user places one order, also within a batch, and is refused with another body', () => {
    const { outcomes, newOrders } = decide([
      asking({}),
      asking({}),
      asking({ contentHash: 'other' }),
      { ...asking({}), userId: 8n },
    ]);
    expect(newOrders.map(({ userId }) => userId)).toEqual([7n, 8n]);
    expect(outcomes).toMatchObject([
      { order: { id: 101n }, replayed: false },
      { order: { id: 101n }, replayed: true },
      { refusal: { code: 'IDEMPOTENCY_KEY_REUSED' } },
      { order: { id: 102n }, replayed: false },
    ]);
  });

  it('a repeated key returns the order that it placed, whatever its state is', () => {
    const before = order(1n, { key: 'a', contentHash: 'hash of a' });
    const { outcomes } = decide(
      [asking({})],
      shop({ orders: new Map([[1n, before]]), openOrders: new Map([[7n, 20]]) }),
    );
    expect(outcomes).toEqual([{ kind: 'placed', order: before, replayed: true }]);
  });

  it('an order counts the units, limits and open orders of those before it in the batch', () => {
    const each = (key: string, changed: Partial<PlaceCommand>) => place(7n, key, changed);
    const units = decide([each('a', { items: [regular(2)] }), each('b', { items: [regular(2)] })]);
    expect(units.outcomes).toMatchObject([{ kind: 'placed' }, { refusal: { code: 'OUT_OF_STOCK' } }]);
    const limits = decide([each('a', { items: [onSale(2)] }), each('b', { items: [onSale(1)] })]);
    expect(limits.outcomes).toMatchObject([{ kind: 'placed' }, { refusal: { code: 'PURCHASE_LIMIT_EXCEEDED' } }]);
    const open = decide([each('a', {}), each('b', {})], shop({ openOrders: new Map([[7n, 19]]) }));
    expect(open.outcomes).toMatchObject([{ kind: 'placed' }, { refusal: { code: 'OPEN_ORDER_LIMIT_EXCEEDED' } }]);
  });

  it('the order of the last unit of a sale reports that the sale is sold out', () => {
    const items = [onSale(1)];
    const many = [7n, 8n, 9n, 10n].map((userId) => place(userId, 'a', { items }));
    const { outcomes, events, timeSales } = decide(many);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['placed', 'placed', 'placed', 'refused']);
    expect(events.filter(({ topic }) => topic === 'timesale.sold_out')).toMatchObject([
      { timeSale: { id: 5n, stock: 0 } },
    ]);
    expect(timeSales).toMatchObject([{ stock: 0, reserved: 3 }]);
  });
});

const LINE = {
  productId: 1n,
  productName: 'product 1',
  storeId: null,
  couponDiscount: 0n,
  pointsUsed: 0n,
  refundedQuantity: 0,
};
