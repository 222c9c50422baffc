import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../platform/kernel/durations.ts';
import type { OrderRefusalCode } from '../api.ts';
import { NOW_MS, product } from '../test/catalog.ts';
import { type Change, inputFor } from '../test/commands.ts';
import { line, order, payment, refund } from '../test/sample-decision.ts';
import { decideOrders } from './decide-orders.ts';
import type { OrderDecision, OrderOutcome, OrderSnapshot } from './decision.ts';
import type { OrderStatus, OrderStep } from './enumerations.ts';
import { type Order, type Payment, type Refund, statusOf } from './order.ts';

/** Two units at 10,000, of which a coupon pays 3,000 and points 2,000. */
const ORDER = order(1n, {
  lines: [line({ couponDiscount: 3_000n, pointsUsed: 2_000n })],
  couponId: 9n,
  usePoints: 2_000n,
  couponDiscount: 3_000n,
  pointsUsed: 2_000n,
});
const TOTAL = 15_000n;
const WHY = { code: 'INSUFFICIENT_POINTS', details: { available: '0' } };
const asked = payment(50n, 1n, { amount: TOTAL, providerRef: 'theirs', providerUrl: 'https://pay.example' });
const withPoints = payment(50n, 1n, { amount: TOTAL, method: 'POINTS' });
const came: Payment = { ...asked, status: 'COMPLETED', settledAtMs: NOW_MS - 1 };
const dropped: Payment = { ...asked, status: 'FAILED', refusal: WHY, settledAtMs: NOW_MS - 1 };
const whole = refund(60n, 1n, {
  paymentId: 50n,
  lines: [{ line: 1, quantity: 2, money: TOTAL, points: 2_000n }],
  money: TOTAL,
  points: 2_000n,
  restoresCoupon: true,
});

interface Situation {
  readonly order: Order;
  readonly payment?: Payment;
  readonly refund?: Refund;
}
const placed = { couponDiscount: 0n, pointsUsed: 0n, lines: [line()] };
const taking = { status: 'RESERVED', step: 'TAKE_MONEY', paymentId: 50n } as const;
const ended = (status: 'CANCELLED' | 'EXPIRED' | 'FAILED'): Order['state'] => ({
  status: 'ENDED',
  step: null,
  ending: status === 'FAILED' ? { status, refusal: WHY } : { status },
  endedAtMs: NOW_MS - 1,
});
const paid = { step: null, paymentId: 50n, paidAtMs: NOW_MS - 1 } as const;
const at = (state: Order['state'], changed: Partial<Order> = {}): Order => ({ ...ORDER, state, ...changed });
const past = { expiresAtMs: NOW_MS };

const SITUATIONS: Readonly<Record<string, Situation>> = {
  placed: { order: at({ status: 'PENDING', step: 'RESERVE_COUPON' }, placed) },
  'placed past': { order: at({ status: 'PENDING', step: 'RESERVE_COUPON' }, { ...placed, ...past }) },
  holding: { order: at({ status: 'PENDING', step: 'HOLD_POINTS' }) },
  waiting: { order: ORDER },
  asked: { order: ORDER, payment: asked },
  overdue: { order: at(ORDER.state, past), payment: asked },
  taking: { order: at(taking), payment: { ...asked, providerRef: null } },
  'taking past': { order: at(taking, past), payment: { ...asked, providerRef: null } },
  'by points': { order: at(taking, past), payment: withPoints },
  confirming: { order: at({ ...taking, step: 'CONFIRM_COUPON' }), payment: came },
  capturing: { order: at({ ...taking, step: 'CAPTURE_POINTS' }), payment: came },
  releasing: {
    order: at({ status: 'ENDING', step: 'RELEASE_POINTS', was: 'RESERVED', ending: { status: 'EXPIRED' } }),
    payment: dropped,
  },
  'releasing coupon': {
    order: at({ status: 'ENDING', step: 'RELEASE_COUPON', was: 'PENDING', ending: { status: 'CANCELLED' } }),
  },
  cancelled: { order: at(ended('CANCELLED')), payment: dropped },
  expired: { order: at(ended('EXPIRED')), payment: dropped },
  failed: { order: at(ended('FAILED')), payment: dropped },
  paid: { order: at({ status: 'PAID', ...paid }), payment: came },
  refunded: {
    order: at({ status: 'REFUNDED', ...paid }, { lines: [{ ...line(ORDER.lines[0]), refundedQuantity: 2 }] }),
    payment: came,
    refund: whole,
  },
};

const ours = { paymentId: 50n };
const REFUND = {
  kind: 'REFUND',
  key: 'r',
  contentHash: 'hash',
  lines: [],
  stores: null,
  reason: '',
  by: 'ADMIN 1',
} as const;
const CHANGES: Readonly<Record<string, Change>> = {
  COUPON_RESERVED: { kind: 'COUPON_RESERVED', discount: 3_000n, storeId: null },
  COUPON_REFUSED: { kind: 'COUPON_REFUSED', refusal: WHY },
  POINTS_HELD: { kind: 'POINTS_HELD' },
  POINTS_REFUSED: { kind: 'POINTS_REFUSED', refusal: WHY },
  POINTS_LOST: { kind: 'POINTS_LOST', refusal: WHY },
  PAY: { kind: 'PAY', method: 'EXTERNAL', key: 'another', contentHash: 'hash' },
  'PAY again': { kind: 'PAY', method: 'EXTERNAL', key: 'key of 50', contentHash: 'hash' },
  'PAY other': { kind: 'PAY', method: 'EXTERNAL', key: 'key of 50', contentHash: 'other' },
  MONEY_ASKED: { kind: 'MONEY_ASKED', ...ours, providerRef: 'theirs', providerUrl: 'https://pay.example' },
  MONEY_IN: { kind: 'MONEY_IN', payment: ours, amount: TOTAL, source: 'DIRECT' },
  'MONEY_IN wrong': { kind: 'MONEY_IN', payment: ours, amount: TOTAL - 1n, source: 'DIRECT' },
  'MONEY_IN strange': { kind: 'MONEY_IN', payment: { providerRef: 'strange' }, amount: TOTAL, source: 'BUS' },
  MONEY_REFUSED: { kind: 'MONEY_REFUSED', payment: ours, refusal: WHY, source: 'DIRECT' },
  COUPON_CONFIRMED: { kind: 'COUPON_CONFIRMED' },
  COUPON_LOST: { kind: 'COUPON_LOST', refusal: WHY },
  POINTS_CAPTURED: { kind: 'POINTS_CAPTURED' },
  POINTS_RELEASED: { kind: 'POINTS_RELEASED' },
  COUPON_RELEASED: { kind: 'COUPON_RELEASED' },
  CANCEL: { kind: 'CANCEL' },
  TIME_OUT: { kind: 'TIME_OUT' },
  'STEP_FAILED RESERVE_COUPON': { kind: 'STEP_FAILED', step: 'RESERVE_COUPON' },
  'STEP_FAILED TAKE_MONEY': { kind: 'STEP_FAILED', step: 'TAKE_MONEY' },
  'STEP_FAILED CONFIRM_COUPON': { kind: 'STEP_FAILED', step: 'CONFIRM_COUPON' },
  'STEP_FAILED RELEASE_POINTS': { kind: 'STEP_FAILED', step: 'RELEASE_POINTS' },
  'REFUND all': REFUND,
  'REFUND too many': { ...REFUND, lines: [{ line: 1, quantity: 3 }] },
  'REFUND again': { ...REFUND, key: 'key of 60' },
  'REFUND_STEP MONEY': { kind: 'REFUND_STEP', refundId: 60n, step: 'MONEY' },
  'REFUND_STEP POINTS': { kind: 'REFUND_STEP', refundId: 60n, step: 'POINTS' },
  'REFUND_FAILED MONEY': { kind: 'REFUND_FAILED', refundId: 60n, step: 'MONEY' },
};

/** What an input results in. */
type Expectation =
  | { readonly kind: 'REFUSED'; readonly code: OrderRefusalCode }
  /** Nothing is written. */
  | { readonly kind: 'UNCHANGED' }
  /** The step is retried later. */
  | { readonly kind: 'PUT_OFF' }
  /** The key was used before, and the response is the earlier one. */
  | { readonly kind: 'REPLAYED' }
  | {
      readonly kind: 'CHANGED';
      /** The next step; for an order without one its status. */
      readonly next: string;
      /** The final status to which an order that is ending gets. */
      readonly ending?: string;
      /** A payment is refunded. */
      readonly isRefunding: boolean;
    };
type Changed = Extract<Expectation, { kind: 'CHANGED' }>;

const UNCHANGED: Expectation = { kind: 'UNCHANGED' };
const PUT_OFF: Expectation = { kind: 'PUT_OFF' };
const REPLAYED: Expectation = { kind: 'REPLAYED' };
const refused = (code: OrderRefusalCode): Expectation => ({ kind: 'REFUSED', code });
const becomes = (status: OrderStatus): Changed => ({ kind: 'CHANGED', next: status, isRefunding: false });
const continuesWith = (step: OrderStep, ending?: OrderStatus): Changed => ({
  kind: 'CHANGED',
  next: step,
  ...(ending === undefined ? {} : { ending }),
  isRefunding: false,
});
const refunding = (changed: Changed): Changed => ({ ...changed, isRefunding: true });

const NOT_PAYABLE = refused('ORDER_NOT_PAYABLE');
const OVER = refused('ORDER_EXPIRED');
const NOT_CANCELLABLE = refused('ORDER_NOT_CANCELLABLE');
const NOT_REFUNDABLE = refused('ORDER_NOT_REFUNDABLE');
const REUSED = refused('IDEMPOTENCY_KEY_REUSED');
const KEYLESS = {
  placed: NOT_PAYABLE,
  'placed past': NOT_PAYABLE,
  holding: NOT_PAYABLE,
  'releasing coupon': NOT_PAYABLE,
};
const LATE = {
  placed: refunding(continuesWith('RESERVE_COUPON')),
  'placed past': refunding(continuesWith('RESERVE_COUPON')),
  holding: refunding(continuesWith('HOLD_POINTS')),
  releasing: refunding(continuesWith('RELEASE_POINTS', 'EXPIRED')),
  'releasing coupon': refunding(continuesWith('RELEASE_COUPON', 'CANCELLED')),
  cancelled: refunding(becomes('CANCELLED')),
  expired: refunding(becomes('EXPIRED')),
  failed: refunding(becomes('FAILED')),
};
const inTime = (paidFor: Expectation) =>
  Object.fromEntries(
    ['waiting', 'asked', 'overdue', 'taking', 'taking past', 'by points'].map((name) => [name, paidFor]),
  );
const PAY = {
  releasing: OVER,
  expired: OVER,
  overdue: OVER,
  waiting: continuesWith('TAKE_MONEY'),
  asked: continuesWith('TAKE_MONEY'),
};

/** For each input the usual result, and the results in the situations that differ. */
const TABLE: Readonly<Record<string, readonly [Expectation, Readonly<Record<string, Expectation>>]>> = {
  COUPON_RESERVED: [UNCHANGED, { placed: continuesWith('HOLD_POINTS'), 'placed past': continuesWith('HOLD_POINTS') }],
  COUPON_REFUSED: [UNCHANGED, { placed: becomes('FAILED'), 'placed past': becomes('FAILED') }],
  POINTS_HELD: [UNCHANGED, { holding: becomes('RESERVED') }],
  POINTS_REFUSED: [UNCHANGED, { holding: continuesWith('RELEASE_POINTS', 'FAILED') }],
  POINTS_LOST: [UNCHANGED, { capturing: refunding(continuesWith('RELEASE_POINTS', 'FAILED')) }],
  PAY: [NOT_PAYABLE, PAY],
  'PAY again': [REPLAYED, { ...KEYLESS, waiting: continuesWith('TAKE_MONEY') }],
  'PAY other': [REUSED, { ...KEYLESS, waiting: continuesWith('TAKE_MONEY') }],
  MONEY_ASKED: [UNCHANGED, { taking: becomes('RESERVED'), 'taking past': becomes('RESERVED') }],
  MONEY_IN: [UNCHANGED, { ...LATE, ...inTime(continuesWith('CONFIRM_COUPON')) }],
  'MONEY_IN wrong': [UNCHANGED, { ...LATE, ...inTime(refunding(continuesWith('RELEASE_POINTS', 'FAILED'))) }],
  'MONEY_IN strange': [
    UNCHANGED,
    {
      ...LATE,
      ...inTime(continuesWith('CONFIRM_COUPON')),
      'by points': refunding(continuesWith('TAKE_MONEY')),
      confirming: refunding(continuesWith('CONFIRM_COUPON')),
      capturing: refunding(continuesWith('CAPTURE_POINTS')),
      paid: refunding(becomes('PAID')),
      refunded: refunding(becomes('REFUNDED')),
    },
  ],
  MONEY_REFUSED: [
    UNCHANGED,
    { ...inTime(continuesWith('RELEASE_POINTS', 'FAILED')), waiting: UNCHANGED, 'by points': becomes('RESERVED') },
  ],
  COUPON_CONFIRMED: [UNCHANGED, { confirming: continuesWith('CAPTURE_POINTS') }],
  COUPON_LOST: [UNCHANGED, { confirming: refunding(continuesWith('RELEASE_POINTS', 'FAILED')) }],
  POINTS_CAPTURED: [UNCHANGED, { capturing: becomes('PAID') }],
  POINTS_RELEASED: [UNCHANGED, { releasing: continuesWith('RELEASE_COUPON', 'EXPIRED') }],
  COUPON_RELEASED: [UNCHANGED, { 'releasing coupon': becomes('CANCELLED') }],
  CANCEL: [
    NOT_CANCELLABLE,
    {
      waiting: continuesWith('RELEASE_POINTS', 'CANCELLED'),
      asked: continuesWith('RELEASE_POINTS', 'CANCELLED'),
      overdue: continuesWith('RELEASE_POINTS', 'CANCELLED'),
      'releasing coupon': UNCHANGED,
      cancelled: UNCHANGED,
    },
  ],
  TIME_OUT: [UNCHANGED, { overdue: continuesWith('RELEASE_POINTS', 'EXPIRED') }],
  'STEP_FAILED RESERVE_COUPON': [
    UNCHANGED,
    { placed: PUT_OFF, 'placed past': continuesWith('RELEASE_COUPON', 'EXPIRED') },
  ],
  'STEP_FAILED TAKE_MONEY': [
    UNCHANGED,
    { taking: PUT_OFF, 'taking past': continuesWith('RELEASE_POINTS', 'EXPIRED'), 'by points': PUT_OFF },
  ],
  'STEP_FAILED CONFIRM_COUPON': [UNCHANGED, { confirming: PUT_OFF }],
  'STEP_FAILED RELEASE_POINTS': [UNCHANGED, { releasing: PUT_OFF }],
  'REFUND all': [NOT_REFUNDABLE, { paid: refunding(becomes('REFUNDED')) }],
  'REFUND too many': [NOT_REFUNDABLE, {}],
  'REFUND again': [NOT_REFUNDABLE, { paid: refunding(becomes('REFUNDED')), refunded: REPLAYED }],
  'REFUND_STEP MONEY': [UNCHANGED, { refunded: becomes('REFUNDED') }],
  'REFUND_STEP POINTS': [UNCHANGED, {}],
  'REFUND_FAILED MONEY': [UNCHANGED, { refunded: PUT_OFF }],
};

function snapshotOf({ order: of, payment: paying, refund: back }: Situation): OrderSnapshot {
  return {
    products: new Map([[1n, product(1n, { reserved: 10, sold: 10 })]]),
    timeSales: new Map(),
    bought: new Map(),
    openOrders: new Map(),
    orders: new Map([[1n, of]]),
    payments: new Map(paying ? [[50n, paying]] : []),
    refunds: new Map(back ? [[60n, back]] : []),
  };
}

const rules = { nowMs: NOW_MS, nextId: () => 70n, reservationMs: HOUR_MS, currency: 'KRW', openOrdersMax: 20 };
const decide = (situation: Situation, change: Change): OrderDecision =>
  decideOrders(snapshotOf(situation), [inputFor(1n, change, 7n)], rules);

function resultOf(outcome: OrderOutcome | undefined, { newRefunds, ...rows }: OrderDecision): Expectation {
  if (outcome?.kind === 'refused') return { kind: 'REFUSED', code: outcome.refusal.code as OrderRefusalCode };
  if (outcome?.kind !== 'order') throw new Error('the input has no outcome');
  if (!outcome.changed) {
    const isPutOff = rows.changedOrders.length + rows.changedRefunds.length > 0;
    return outcome.replayed ? REPLAYED : isPutOff ? PUT_OFF : UNCHANGED;
  }
  const { state } = outcome.order;
  return {
    kind: 'CHANGED',
    next: state.step ?? statusOf(state),
    ...(state.status === 'ENDING' ? { ending: state.ending.status } : {}),
    isRefunding: newRefunds.length > 0,
  };
}

function textOf(expected: Expectation): string {
  if (expected.kind === 'REFUSED') return expected.code;
  if (expected.kind !== 'CHANGED') return expected.kind;
  const { next, ending, isRefunding } = expected;
  return `${next}${ending === undefined ? '' : `, then ${ending}`}${isRefunding ? ', and a refund' : ''}`;
}

const CELLS = Object.entries(TABLE).flatMap(([change, [usual, others]]) =>
  Object.keys(SITUATIONS).map((name) => {
    const expected = others[name] ?? usual;
    return [change, name, textOf(expected), expected] as const;
  }),
);

describe('the transition table', () => {
  it.each(CELLS)('the input %s for an order that is %s results in: %s', (name, where, _, expected) => {
    const [situation, change] = [SITUATIONS[where], CHANGES[name]];
    if (!situation || !change) throw new Error(`${name} of ${where} is about nothing`);
    const decision = decide(situation, change);
    const [outcome] = decision.outcomes;
    expect(resultOf(outcome, decision)).toEqual(expected);

    const { outcomes: __, nowMs: ___, ...rows } = decision;
    const written = Object.values(rows).flat();
    if (outcome?.kind === 'order' && outcome.changed) {
      const { order: after } = outcome;
      expect(decision.changedOrders).toEqual([after]);
      expect(decision.history).toMatchObject([{ orderId: 1n, version: 2, status: statusOf(after.state) }]);
      expect(after.version).toBe(2);
    } else if (expected.kind === 'PUT_OFF') {
      // A row a try would be one a minute for as long as a context is away.
      const { changedOrders, changedRefunds, ...others } = rows;
      expect([...changedOrders, ...changedRefunds]).toMatchObject([{ attempts: 1, resumeAtMs: NOW_MS + 2_000 }]);
      for (const { version } of changedOrders) expect(version).toBe(situation.order.version);
      expect(Object.values(others).flat()).toEqual([]);
    } else {
      expect(written).toEqual([]);
    }
  });

  it('the transition table has a row for every input, and only situations that exist', () => {
    expect(Object.keys(TABLE).sort()).toEqual(Object.keys(CHANGES).sort());
    const named = Object.values(TABLE).flatMap(([, others]) => Object.keys(others));
    expect(named.filter((name) => !(name in SITUATIONS))).toEqual([]);
  });

  it('an order is found by its owner and by those who may see every order', () => {
    const ask = (userId: bigint | null, orderId = 1n) =>
      decideOrders(snapshotOf({ order: ORDER }), [inputFor(orderId, { kind: 'TIME_OUT' }, userId)], rules).outcomes;
    expect(ask(null)).toMatchObject([{ kind: 'order' }]);
    for (const none of [ask(8n), ask(7n, 2n)]) expect(none).toMatchObject([{ refusal: { code: 'ORDER_NOT_FOUND' } }]);
  });
});

describe('a failed step', () => {
  it('a failed step is retried after a growing delay of at most a minute', () => {
    let now = ORDER;
    const waits = Array.from({ length: 8 }, () => {
      const state: Order['state'] = {
        status: 'ENDING',
        step: 'RELEASE_COUPON',
        was: 'PENDING',
        ending: { status: 'EXPIRED' },
      };
      const [outcome] = decide({ order: { ...now, state } }, { kind: 'STEP_FAILED', step: 'RELEASE_COUPON' }).outcomes;
      if (outcome?.kind !== 'order') throw new Error('it was refused');
      now = outcome.order;
      return (now.resumeAtMs - NOW_MS) / 1_000;
    });
    expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
    expect(now.attempts).toBe(8);
  });
});
