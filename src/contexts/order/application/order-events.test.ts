import { expect, it } from 'vitest';
import type { OrderEvent } from '../domain/decision.ts';
import type { Order } from '../domain/order.ts';
import { refuse } from '../refusals.ts';
import { NOW_MS, timeSale } from '../test/catalog.ts';
import { line, order, payment, refund } from '../test/sample-decision.ts';
import { orderEvents } from './order-events.ts';

const ORDER = order(1n, {
  couponId: 9n,
  couponDiscount: 3_000n,
  pointsUsed: 2_000n,
  lines: [line({ timeSaleId: 5n, couponDiscount: 3_000n, pointsUsed: 2_000n })],
});
const DECLINED = refuse('PAYMENT_DECLINED', { reason: 'x'.repeat(2_000) });
const failed: Order = {
  ...ORDER,
  state: { status: 'ENDED', step: null, ending: { status: 'FAILED', refusal: DECLINED }, endedAtMs: NOW_MS },
};
const money = payment(50n, 1n, { amount: 15_000n, refusal: DECLINED });

/** The published events, as a consumer reads them. */
const published = (...events: readonly OrderEvent[]) =>
  orderEvents({ events, nowMs: NOW_MS }).flatMap(({ topic, common, columns, rows }) =>
    rows.map((row) => ({
      topic,
      ...common,
      ...Object.fromEntries(columns.map((column, index) => [column, row[index]])),
    })),
  );

it('the event of an order contains its amounts as text, and each line with its shares', () => {
  expect(published({ topic: 'order.reserved', order: ORDER })).toEqual([
    {
      topic: 'order.reserved',
      orderId: '1',
      userId: '7',
      couponId: '9',
      currency: 'KRW',
      subtotal: '20000',
      couponDiscount: '3000',
      pointsUsed: '2000',
      total: '15000',
      items: [
        {
          line: 1,
          productId: '1',
          timeSaleId: '5',
          productName: 'product 1',
          storeId: null,
          unitPrice: '10000',
          quantity: 2,
          couponDiscount: '3000',
          pointsUsed: '2000',
        },
      ],
      reservedAt: '2026-03-01T03:00:00.000Z',
      expiresAt: '2026-03-01T04:00:00.000Z',
    },
  ]);
});

it('the event of a failed order contains the reason, and its payment by the id of its reservation', () => {
  const cancelled: Order = { ...failed, state: { ...failed.state, ending: { status: 'CANCELLED' } } as Order['state'] };
  expect(
    published(
      { topic: 'payment.failed.v1', order: ORDER, payment: money },
      { topic: 'order.cancelled', order: failed },
      { topic: 'order.cancelled', order: { ...cancelled, id: 2n } },
    ),
  ).toMatchObject([
    { topic: 'payment.failed.v1', paymentId: '50', orderId: '1', reservationId: 'order:1', reason: 'x'.repeat(1_000) },
    { topic: 'order.cancelled', orderId: '2', status: 'CANCELLED', reason: null },
    { topic: 'order.cancelled', orderId: '1', status: 'FAILED', reason: 'PAYMENT_DECLINED' },
  ]);
  expect(
    published({ topic: 'payment.completed.v1', order: { ...ORDER, couponId: null }, payment: money }),
  ).toMatchObject([
    { paymentId: '50', amount: '15000', couponId: null, reservationId: null, completedAt: '2026-03-01T03:00:00.000Z' },
  ]);
});

it('the event of a paid order contains what was paid in money, and 0 when points paid it', () => {
  const state: Order['state'] = { status: 'PAID', step: null, paymentId: 50n, paidAtMs: NOW_MS };
  const paidBy = (paid: typeof money) => published({ topic: 'order.paid', order: { ...ORDER, state }, payment: paid });
  expect(paidBy(money)).toMatchObject([{ paymentId: '50', paidInMoney: '15000' }]);
  expect(paidBy({ ...money, method: 'POINTS' })).toMatchObject([{ paymentId: '50', paidInMoney: '0' }]);
});

it('the event of a refund contains the units of each line', () => {
  const back = refund(60n, 1n, {
    points: 1_000n,
    money: 7_500n,
    lines: [{ line: 1, quantity: 1, money: 7_500n, points: 1_000n }],
  });
  const state: Order['state'] = { status: 'PAID', step: null, paymentId: 50n, paidAtMs: NOW_MS };
  const of = { ...ORDER, state, refundedAmount: 7_500n, refundedPoints: 1_000n };
  expect(
    published({ topic: 'order.refunded', order: of, refund: back }, { topic: 'order.paid', order: of, payment: money }),
  ).toMatchObject([
    {
      refundId: '60',
      status: 'PAID',
      amount: '7500',
      points: '1000',
      refundedAmount: '7500',
      items: [{ line: 1, quantity: 1, amount: '7500', points: '1000', unitPrice: '10000' }],
    },
    { topic: 'order.paid', paymentId: '50', paidInMoney: '15000' },
  ]);
});

it('the events of an order keep their order, and events of one topic stand together', () => {
  const events: OrderEvent[] = [1n, 2n, 3n].flatMap((id): OrderEvent[] => {
    const of = { ...ORDER, id };
    const paid: Order = { ...of, state: { status: 'PAID', step: null, paymentId: money.id, paidAtMs: NOW_MS } };
    return [
      { topic: 'order.reserved', order: of },
      { topic: 'payment.completed.v1', order: of, payment: money },
      { topic: 'order.paid', order: paid, payment: money },
    ];
  });
  const batches = orderEvents({
    events: [...events, { topic: 'timesale.sold_out', timeSale: timeSale(5n) }],
    nowMs: NOW_MS,
  });
  expect(batches.map(({ topic, rows, keyField, source }) => [topic, rows.length, keyField, source])).toEqual([
    ['order.reserved', 3, 'orderId', 'order'],
    ['payment.completed.v1', 3, 'orderId', 'order'],
    ['order.paid', 3, 'orderId', 'order'],
    ['timesale.sold_out', 1, 'timeSaleId', 'order'],
  ]);
});
