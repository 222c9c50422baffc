import { describe, expect, it } from 'vitest';
import { countingIds } from '../../../../../test/support/counting-ids.ts';
import { refuse } from '../../refusals.ts';
import { NOW_MS, product } from '../../test/catalog.ts';
import { type Change, inputFor } from '../../test/commands.ts';
import { order, payment } from '../../test/sample-decision.ts';
import { decideOrders } from '../decide-orders.ts';
import type { OrderDecision } from '../decision.ts';
import type { PaymentReference } from '../input.ts';
import type { Order, Payment } from '../order.ts';

const TOTAL = 20_000n;
const DECLINED = refuse('PAYMENT_DECLINED', { reason: 'no cover' });
const waiting = order(1n);
const taking = order(1n, { state: { status: 'RESERVED', step: 'TAKE_MONEY', paymentId: 50n } });
const asked = payment(50n, 1n, { providerRef: 'theirs' });
const unanswered = payment(50n, 1n);

function decide(of: Order, payments: readonly Payment[], ...changes: readonly Change[]): OrderDecision {
  const commands = changes.map((change) => inputFor(1n, change));
  const snapshot = {
    products: new Map([[1n, product(1n, { reserved: 2 })]]),
    timeSales: new Map(),
    bought: new Map(),
    openOrders: new Map(),
    orders: new Map([[1n, of]]),
    payments: new Map(payments.map((each) => [each.id, each])),
    refunds: new Map(),
  };
  const rules = {
    nowMs: NOW_MS,
    nextId: countingIds(101n),
    reservationMs: 600_000,
    currency: 'KRW',
    openOrdersMax: 20,
  };
  return decideOrders(snapshot, commands, rules);
}
const moneyIn = (name: PaymentReference, amount = TOTAL, source: 'DIRECT' | 'BUS' = 'DIRECT'): Change => ({
  kind: 'MONEY_IN',
  payment: name,
  amount,
  source,
});
const topics = ({ events }: OrderDecision) => events.map(({ topic }) => topic);

describe('payments', () => {
  it('a payment pays the order, sells its units and counts them for the day in Seoul', () => {
    const decision = decide(waiting, [asked], moneyIn({ providerRef: 'theirs' }));
    expect(decision.changedOrders).toMatchObject([{ state: { status: 'PAID', paymentId: 50n, paidAtMs: NOW_MS } }]);
    expect(decision.changedPayments).toEqual([{ ...asked, status: 'COMPLETED', settledAtMs: NOW_MS }]);
    expect(decision.products).toMatchObject([{ reserved: 0, sold: 2 }]);
    expect(decision.dailySales).toEqual([{ productId: 1n, day: '2026-03-01', quantity: 2 }]);
    expect(topics(decision)).toEqual(['payment.completed.v1', 'order.paid']);
    expect(decision.newRefunds).toEqual([]);
  });

  it.each([
    ['from the bus', 'BUS', ['order.paid']],
    ['from the provider', 'DIRECT', ['payment.completed.v1', 'order.paid']],
  ] as const)(
    'a payment that is reported %s publishes the events that are not published yet',
    (_, source, expected) => {
      expect(topics(decide(waiting, [asked], moneyIn({ paymentId: 50n }, TOTAL, source)))).toEqual(expected);
    },
  );

  it('a payment that is reported twice, by each of its ids, counts once', () => {
    const names: PaymentReference[] = [{ providerRef: 'theirs' }, { paymentId: 50n }, { providerRef: '50' }];
    const decision = decide(waiting, [asked], ...names.map((name) => moneyIn(name)));
    expect(decision.outcomes.map((each) => each.kind === 'order' && each.changed)).toEqual([true, false, false]);
    expect([decision.newRefunds, decision.newPayments]).toEqual([[], []]);
  });

  it('a report may arrive before the provider has responded, with an unknown id', () => {
    const ask = { kind: 'MONEY_ASKED', paymentId: 50n, providerRef: 'theirs', providerUrl: 'https://x' } as const;
    const decision = decide(taking, [unanswered], moneyIn({ providerRef: 'theirs' }), ask, moneyIn({ paymentId: 50n }));
    expect(decision.outcomes.map((each) => each.kind === 'order' && each.changed)).toEqual([true, false, false]);
    expect(decision.changedPayments).toMatchObject([{ id: 50n, providerRef: 'theirs', status: 'COMPLETED' }]);
    expect([decision.newPayments, decision.newRefunds]).toEqual([[], []]);
  });

  it.each([
    ['its answer', { kind: 'MONEY_ASKED', paymentId: 50n, providerRef: 'theirs', providerUrl: 'https://x' }],
    ['its answer, that it has the money', moneyIn({ paymentId: 50n, providerRef: 'theirs' })],
  ] as const)('a payment has the id that arrives with %s at last', (_, answer) => {
    const again = moneyIn({ providerRef: 'theirs' }, TOTAL, 'BUS');
    const decision = decide(taking, [unanswered], moneyIn({ paymentId: 50n }), answer, again);
    expect(decision.outcomes.map((each) => each.kind === 'order' && each.changed)).toEqual([true, true, false]);
    expect(decision.changedPayments).toMatchObject([{ id: 50n, providerRef: 'theirs', status: 'COMPLETED' }]);
    expect([decision.newPayments, decision.newRefunds]).toEqual([[], []]);
  });

  it('an abandoned payment is refunded once, although it is reported in two ways', () => {
    const late = order(1n, { ...taking, expiresAtMs: NOW_MS });
    const decision = decide(
      late,
      [unanswered],
      { kind: 'STEP_FAILED', step: 'TAKE_MONEY' },
      moneyIn({ providerRef: 'theirs' }, TOTAL, 'BUS'),
      moneyIn({ paymentId: 50n, providerRef: 'theirs' }),
    );
    expect(decision.changedOrders).toMatchObject([{ state: { status: 'ENDED', ending: { status: 'EXPIRED' } } }]);
    expect([decision.newPayments, decision.newRefunds]).toMatchObject([[], [{ paymentId: 50n, money: TOTAL }]]);
  });

  it('a payment that ended before the provider responded has no link', () => {
    const ask = { kind: 'MONEY_ASKED', paymentId: 50n, providerRef: 'theirs', providerUrl: 'https://x' } as const;
    const late = order(1n, { ...taking, expiresAtMs: NOW_MS });
    const givenUp = decide(late, [unanswered], { kind: 'STEP_FAILED', step: 'TAKE_MONEY' }, ask);
    const link = { providerRef: 'theirs', providerUrl: null };
    expect(givenUp.changedPayments).toMatchObject([{ status: 'FAILED', ...link }]);
    const faster = decide(taking, [unanswered], moneyIn({ paymentId: 50n }), ask);
    expect(faster.changedPayments).toMatchObject([{ status: 'COMPLETED', ...link }]);
  });

  it('a payment of unknown origin is stored and refunded by the id of its provider', () => {
    const news = moneyIn({ paymentId: 999n, providerRef: 'theirs' });
    const paid = order(1n, { state: { status: 'PAID', step: null, paymentId: 50n, paidAtMs: NOW_MS } });
    const decision = decide(paid, [], news, news, moneyIn({ providerRef: 'theirs' }, TOTAL, 'BUS'));
    expect(decision.newPayments).toMatchObject([{ id: 101n, providerRef: 'theirs' }]);
    expect(decision.newRefunds).toMatchObject([{ paymentId: 101n, money: TOTAL }]);
  });

  it.each([
    ['without its reference, and with it later', [{ paymentId: 999n }, { paymentId: 999n, providerRef: 'theirs' }]],
    ['with its reference, and without it later', [{ paymentId: 999n, providerRef: 'theirs' }, { paymentId: 999n }]],
    ['by its reference on the bus', [{ providerRef: 'theirs' }, { paymentId: 999n, providerRef: 'theirs' }]],
  ] as const)('a payment of unknown origin is refunded once when it is reported %s', (_, names) => {
    const every: PaymentReference[] = [
      ...names,
      { paymentId: 999n },
      { providerRef: 'theirs' },
      { providerRef: '999' },
    ];
    const paid = order(1n, { state: { status: 'PAID', step: null, paymentId: 50n, paidAtMs: NOW_MS } });
    const decision = decide(paid, [], ...every.map((name) => moneyIn(name)));
    expect(decision.newPayments).toMatchObject([{ id: 101n, providerRef: 'theirs', reportedId: 999n }]);
    expect(decision.newRefunds).toMatchObject([{ paymentId: 101n, money: TOTAL }]);
  });

  it('a payment that is reported by its reference and another id counts once, also by that id alone', () => {
    const decision = decide(
      waiting,
      [asked],
      moneyIn({ paymentId: 999n, providerRef: 'theirs' }),
      moneyIn({ paymentId: 999n }),
    );
    expect(decision.changedPayments).toMatchObject([{ id: 50n, reportedId: 999n, status: 'COMPLETED' }]);
    expect([decision.newPayments, decision.newRefunds]).toEqual([[], []]);
  });

  it('a report with the id of another payment changes neither id', () => {
    const other = payment(51n, 1n, { providerRef: 'theirs', status: 'FAILED' });
    const decision = decide(taking, [unanswered, other], moneyIn({ paymentId: 50n, providerRef: 'theirs' }));
    expect(decision.changedPayments).toMatchObject([{ id: 50n, providerRef: null, status: 'COMPLETED' }]);
  });

  it('another payment pays the order as well: the expected one is abandoned, and refunded if it arrives', () => {
    const decision = decide(
      waiting,
      [asked],
      moneyIn({ providerRef: 'strange' }, TOTAL, 'BUS'),
      moneyIn({ paymentId: 50n }),
    );
    expect(decision.changedOrders).toMatchObject([{ state: { status: 'PAID', paymentId: 101n } }]);
    expect(decision.newPayments).toMatchObject([{ id: 101n, providerRef: 'strange', key: null, status: 'COMPLETED' }]);
    expect(decision.changedPayments).toMatchObject([{ id: 50n, status: 'COMPLETED', amount: TOTAL }]);
    expect(decision.newRefunds).toMatchObject([
      {
        paymentId: 50n,
        money: TOTAL,
        points: 0n,
        lines: [],
        key: null,
        by: 'SYSTEM',
        step: 'MONEY',
        restoresCoupon: false,
      },
    ]);
    expect(topics(decision)).toEqual(['order.paid']);
  });

  it('a payment of another amount ends the order and is refunded in full', () => {
    const decision = decide(waiting, [asked], moneyIn({ paymentId: 50n }, 19_999n));
    const refusal = { code: 'PAYMENT_AMOUNT_MISMATCH', details: { total: '20000', paid: '19999' } };
    expect(decision.changedOrders).toMatchObject([
      { state: { status: 'ENDED', ending: { status: 'FAILED', refusal } } },
    ]);
    expect(decision.changedPayments).toMatchObject([{ status: 'COMPLETED', amount: 19_999n }]);
    expect(decision.newRefunds).toMatchObject([{ money: 19_999n, reason: 'PAYMENT_AMOUNT_MISMATCH' }]);
    expect(decision.products).toMatchObject([{ reserved: 0, stock: 102, sold: 0 }]);
    expect(topics(decision)).toEqual(['order.cancelled']);
  });

  it('a payment that comes too late is refunded and pays no order', () => {
    const over = order(1n, { expiresAtMs: NOW_MS });
    const decision = decide(over, [asked], { kind: 'TIME_OUT' }, moneyIn({ paymentId: 50n }));
    expect(decision.changedOrders).toMatchObject([{ state: { status: 'ENDED', ending: { status: 'EXPIRED' } } }]);
    expect(decision.newRefunds).toMatchObject([{ paymentId: 50n, money: TOTAL, step: 'MONEY' }]);
    expect(topics(decision)).toEqual(['order.expired']);
    const back = decideAfter(decision, { kind: 'REFUND_STEP', refundId: 101n, step: 'MONEY' });
    expect(back.changedPayments).toMatchObject([{ id: 50n, status: 'REFUNDED' }]);
    expect(back.changedRefunds).toMatchObject([{ step: null, resumeAtMs: Number.POSITIVE_INFINITY }]);
    expect(back.history).toMatchObject([{ status: 'EXPIRED', note: 'REFUND_STEP MONEY' }]);
  });

  it('an external payment does not overtake a payment with points that is under way', () => {
    const points = payment(50n, 1n, { method: 'POINTS' });
    const outside = moneyIn({ providerRef: 'strange' }, TOTAL, 'BUS');
    const decision = decide(taking, [points], outside, moneyIn({ paymentId: 50n }));
    expect(decision.changedOrders).toMatchObject([{ state: { status: 'PAID', paymentId: 50n } }]);
    expect(decision.newRefunds).toMatchObject([{ paymentId: 101n, money: TOTAL }]);
    expect(topics(decision)).toEqual(['order.paid']);
  });

  it('a payment that the provider declines ends the order with the reason', () => {
    const refused = {
      kind: 'MONEY_REFUSED',
      payment: { paymentId: 50n },
      refusal: DECLINED,
      source: 'DIRECT',
    } as const;
    const decision = decide(waiting, [asked], refused);
    expect(decision.changedOrders).toMatchObject([
      { state: { status: 'ENDED', ending: { status: 'FAILED', refusal: DECLINED } } },
    ]);
    expect(topics(decision)).toEqual(['payment.failed.v1', 'order.cancelled']);
    expect(topics(decide(waiting, [asked], { ...refused, source: 'BUS' }))).toEqual(['order.cancelled']);
  });

  it('an order that the points do not cover can be paid in another way', () => {
    const points = payment(50n, 1n, { method: 'POINTS' });
    const short = { code: 'INSUFFICIENT_POINTS', details: { available: '5' } };
    const decision = decide(
      taking,
      [points],
      { kind: 'MONEY_REFUSED', payment: { paymentId: 50n }, refusal: short, source: 'DIRECT' },
      { kind: 'PAY', method: 'EXTERNAL', key: 'again', contentHash: 'hash' },
    );
    expect(decision.changedPayments).toMatchObject([{ id: 50n, status: 'FAILED', refusal: short }]);
    expect(decision.newPayments).toMatchObject([{ id: 101n, method: 'EXTERNAL', status: 'PENDING', amount: TOTAL }]);
    expect(decision.changedOrders).toMatchObject([{ state: { step: 'TAKE_MONEY', paymentId: 101n } }]);
    expect(decision.events).toEqual([]);
  });

  it('an order with a total of 0 is paid at once', () => {
    const free = order(1n, { couponDiscount: TOTAL, couponId: 9n });
    const decision = decide(
      free,
      [],
      { kind: 'PAY', method: 'EXTERNAL', key: 'a', contentHash: 'hash' },
      { kind: 'COUPON_CONFIRMED' },
    );
    expect(decision.newPayments).toMatchObject([{ amount: 0n, status: 'COMPLETED' }]);
    expect(decision.changedOrders).toMatchObject([{ state: { status: 'PAID' } }]);
    const lost = decide(
      free,
      [],
      { kind: 'PAY', method: 'EXTERNAL', key: 'a', contentHash: 'hash' },
      { kind: 'COUPON_LOST', refusal: { code: 'RESERVATION_EXPIRED', details: {} } },
    );
    expect(lost.newPayments).toMatchObject([{ status: 'REFUNDED' }]);
    expect(lost.newRefunds).toEqual([]);
  });

  it('a payment is retried a limited number of times', () => {
    const failed = { status: 'FAILED', refusal: DECLINED } as const;
    const tried = Array.from({ length: 50 }, (_, n) => payment(200n + BigInt(n), 1n, failed));
    const another = { kind: 'PAY', method: 'POINTS', key: 'another', contentHash: 'hash' } as const;
    expect(decide(waiting, tried, another).outcomes).toMatchObject([{ refusal: { code: 'ORDER_NOT_PAYABLE' } }]);
    expect(decide(waiting, tried.slice(1), another).outcomes).toMatchObject([{ changed: true }]);
    const again = { ...another, key: 'key of 200' };
    expect(decide(waiting, tried, again).outcomes).toMatchObject([{ replayed: true, payment: { id: 200n } }]);
  });

  it('a payment is replaced by another one of the customer, and refunded if it still arrives', () => {
    const another = { kind: 'PAY', method: 'POINTS', key: 'another', contentHash: 'hash' } as const;
    const decision = decide(
      waiting,
      [asked],
      another,
      moneyIn({ paymentId: 101n }),
      moneyIn({ providerRef: 'theirs' }),
    );
    expect(decision.changedOrders).toMatchObject([{ state: { status: 'PAID', paymentId: 101n } }]);
    expect(decision.newRefunds).toMatchObject([{ paymentId: 50n, money: TOTAL }]);
    expect(topics(decision)).toEqual(['order.paid']);
  });
});

/** The next batch, of one change. */
function decideAfter(before: OrderDecision, change: Change): OrderDecision {
  const by = <Row extends { readonly id: bigint }>(...rows: readonly Row[]) =>
    new Map(rows.map((row) => [row.id, row]));
  const snapshot = {
    products: by(...before.products),
    timeSales: new Map(),
    bought: new Map(),
    openOrders: new Map(),
    orders: by(...before.changedOrders),
    payments: by(...before.newPayments, ...before.changedPayments),
    refunds: by(...before.newRefunds),
  };
  const rules = {
    nowMs: NOW_MS,
    nextId: countingIds(201n),
    reservationMs: 600_000,
    currency: 'KRW',
    openOrdersMax: 20,
  };
  return decideOrders(snapshot, [inputFor(1n, change)], rules);
}
