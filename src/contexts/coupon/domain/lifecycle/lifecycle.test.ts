import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../platform/kernel/durations.ts';
import { NOW_MS } from '../../test/policies.ts';
import type { ReservationStatus } from '../enumerations.ts';
import type { Coupon, CouponState, Reservation } from './coupon.ts';
import { decideLifecycle } from './lifecycle.ts';
import type { LifecycleCommand } from './lifecycle-command.ts';
import type { LifecycleSnapshot } from './lifecycle-decision.ts';

const HOLD_MS = 600_000;

const COUPON: Coupon = {
  id: 1n,
  userId: 7n,
  terms: {
    policyId: 2n,
    name: 'Opening day',
    storeId: null,
    timezone: 'Asia/Seoul',
    discountType: 'FIXED_AMOUNT',
    discountValue: 1_000n,
    minimumOrderAmount: 0n,
    maxDiscountAmount: null,
    restoreOnRefund: true,
    createdBy: 5n,
  },
  sequenceNo: 1,
  code: null,
  issuedAtMs: NOW_MS - DAY_MS,
  expiresAtMs: NOW_MS + DAY_MS,
  version: 3,
  state: { status: 'ISSUED' },
};
const r1 = (status: ReservationStatus, changed: Partial<Reservation> = {}): Reservation => ({
  id: 'r1',
  couponId: 1n,
  userId: 7n,
  orderId: 'o1',
  orderAmount: 5_000n,
  discountAmount: 1_000n,
  status,
  reservedAtMs: NOW_MS - 60_000,
  expiresAtMs: NOW_MS + 60_000,
  endedAtMs: status === 'PENDING' ? null : NOW_MS - 1,
  confirmationFailed: false,
  ...changed,
});
const RESERVED: CouponState = {
  status: 'RESERVED',
  reservationId: 'r1',
  orderId: 'o1',
  reservedAtMs: NOW_MS - 60_000,
};
const used = (reservation: 'r1' | null): CouponState => ({
  status: 'USED',
  reservation: reservation && { id: reservation, reservedAtMs: NOW_MS - 60_000 },
  orderId: 'o1',
  usedAtMs: NOW_MS - 1,
  discountAmount: 1_000n,
});

interface Situation {
  readonly coupon: Coupon;
  readonly reservation?: Reservation;
}
const SITUATIONS: Readonly<Record<string, Situation>> = {
  issued: { coupon: COUPON },
  past: { coupon: { ...COUPON, expiresAtMs: NOW_MS } },
  held: { coupon: { ...COUPON, state: RESERVED }, reservation: r1('PENDING') },
  overdue: { coupon: { ...COUPON, state: RESERVED }, reservation: r1('PENDING', { expiresAtMs: NOW_MS }) },
  'held past': { coupon: { ...COUPON, state: RESERVED, expiresAtMs: NOW_MS }, reservation: r1('PENDING') },
  paid: { coupon: { ...COUPON, state: used('r1') }, reservation: r1('CONFIRMED') },
  used: { coupon: { ...COUPON, state: used(null) } },
  expired: { coupon: { ...COUPON, state: { status: 'EXPIRED' }, expiresAtMs: NOW_MS - 1 } },
  withdrawn: { coupon: { ...COUPON, state: { status: 'CANCELLED', returned: false } } },
  'timed out': { coupon: COUPON, reservation: r1('EXPIRED') },
  released: { coupon: COUPON, reservation: r1('CANCELLED') },
};

const order = (same: boolean) => (same ? 'o1' : 'o2');
const id = (same: boolean) => (same ? 'r1' : 'r2');
const cancel = {
  kind: 'CANCEL',
  couponId: 1n,
  principal: { userId: 5n, role: 'OWNER' },
  note: '',
  returnStock: false,
} as const;
const payment = (kind: 'PAYMENT_COMPLETED' | 'PAYMENT_FAILED') => (same: boolean) => ({
  kind,
  eventId: 'e1',
  orderId: order(same),
  userId: 7n,
  reservationId: null,
  couponId: null,
});

/** By name; `same` uses the ids of the earlier reservation. */
const COMMANDS: Readonly<Record<string, (same: boolean) => LifecycleCommand>> = {
  RESERVE: (same) => ({
    kind: 'RESERVE',
    reservationId: id(same),
    couponId: 1n,
    userId: 7n,
    orderId: order(same),
    orderAmount: 5_000n,
  }),
  RELEASE: (same) => ({ kind: 'RELEASE', reservationId: id(same), userId: 7n }),
  EXTEND: (same) => ({ kind: 'EXTEND', reservationId: id(same) }),
  CONFIRM: (same) => ({ kind: 'CONFIRM', reservationId: id(same) }),
  USE: (same) => ({ kind: 'USE', couponId: 1n, userId: 7n, orderId: order(same) }),
  CANCEL: () => ({ ...cancel, orderCancelled: false }),
  CANCEL_ORDER: () => ({ ...cancel, orderCancelled: true }),
  RESTORE: (same) => ({ kind: 'RESTORE', couponId: 1n, orderId: order(same), unpaid: false }),
  RESTORE_UNPAID: (same) => ({ kind: 'RESTORE', couponId: 1n, orderId: order(same), unpaid: true }),
  TIME_OUT: (same) => ({ kind: 'TIME_OUT', reservationId: id(same) }),
  EXPIRE: () => ({ kind: 'EXPIRE', couponId: 1n }),
  PAYMENT_COMPLETED: payment('PAYMENT_COMPLETED'),
  PAYMENT_FAILED: payment('PAYMENT_FAILED'),
};

/**
 * For each command and key, in the order of SITUATIONS: the coupon's new status, '=' where nothing changes and the
 * current state is returned, '-' where an event is ignored, else the code of the refusal.
 */
const [GONE, LATE, USED, NONE, CLASH, OUT] = [
  'COUPON_NOT_AVAILABLE',
  'COUPON_EXPIRED',
  'COUPON_ALREADY_USED',
  'RESERVATION_NOT_FOUND',
  'RESERVATION_CONFLICT',
  'RESERVATION_EXPIRED',
];
const always = (expected: string): string[] => Object.keys(SITUATIONS).map(() => expected);
// biome-ignore format: a table
const TABLE: Readonly<Record<string, readonly (string | undefined)[]>> = {
  //                        issued      past       held        overdue     held past   paid      used      expired  withdrawn    timed out   released
  'RESERVE same':           ['RESERVED', LATE,      '=',        OUT,        '=',        '=',      USED,     LATE,    GONE,        OUT,        CLASH],
  'RESERVE other':          ['RESERVED', LATE,      CLASH,      'RESERVED', CLASH,      USED,     USED,     LATE,    GONE,        'RESERVED', 'RESERVED'],
  'RELEASE same':           [NONE,       NONE,      'ISSUED',   'ISSUED',   'ISSUED',   USED,     NONE,     NONE,    NONE,        '=',        '='],
  'RELEASE other':          always(NONE),
  'EXTEND same':            [NONE,       NONE,      'RESERVED', OUT,        'RESERVED', CLASH,    NONE,     NONE,    NONE,        OUT,        CLASH],
  'EXTEND other':           always(NONE),
  'CONFIRM same':           [CLASH,      CLASH,     'USED',     'USED',     'USED',     '=',      CLASH,    CLASH,   CLASH,       'USED',     CLASH],
  'CONFIRM other':          always(CLASH),
  'USE same':               ['USED',     LATE,      CLASH,      CLASH,      CLASH,      '=',      '=',      LATE,    GONE,        'USED',     'USED'],
  'USE other':              ['USED',     LATE,      CLASH,      CLASH,      CLASH,      USED,     USED,     LATE,    GONE,        'USED',     'USED'],
  'CANCEL same':            ['CANCELLED', LATE,     CLASH,      CLASH,      CLASH,      USED,     USED,     LATE,    '=',         'CANCELLED', 'CANCELLED'],
  'CANCEL_ORDER same':      ['CANCELLED', LATE,    'CANCELLED', 'CANCELLED', 'CANCELLED', USED,   USED,     LATE,    '=',         'CANCELLED', 'CANCELLED'],
  'RESTORE same':           ['=',        '=',       '=',        '=',        '=',        'ISSUED', 'ISSUED', '=',     '=',         '=',        '='],
  'RESTORE other':          ['=',        '=',       '=',        '=',        '=',        CLASH,    CLASH,    '=',     '=',         '=',        '='],
  'RESTORE_UNPAID same':    ['=',        '=',       '=',        '=',        '=',        'ISSUED', 'ISSUED', '=',     '=',         '=',        '='],
  'RESTORE_UNPAID other':   ['=',        '=',       '=',        '=',        '=',        CLASH,    CLASH,    '=',     '=',         '=',        '='],
  'TIME_OUT same':          ['-',        '-',       '=',        'ISSUED',   '=',        '=',      '-',      '-',     '-',         '=',        '='],
  'TIME_OUT other':         always('-'),
  'EXPIRE same':            ['=',        'EXPIRED', '=',        '=',        '=',        '=',      '=',      '=',     '=',         '=',        '='],
  'PAYMENT_COMPLETED same': ['-',        '-',       'USED',     'USED',     'USED',     '=',      '-',      '-',     '-',         'USED',     CLASH],
  'PAYMENT_COMPLETED other': always('-'),
  'PAYMENT_FAILED same':    ['-',        '-',       'ISSUED',   'ISSUED',   'ISSUED',   '-',      '-',      '-',     '-',         '-',        '-'],
  'PAYMENT_FAILED other':   always('-'),
};

function snapshotOf({ coupon, reservation }: Situation): LifecycleSnapshot {
  const policy = { id: 2n, name: '', storeId: null, validFromMs: 0, validUntilMs: 1, issuedCount: 1, refusalEpoch: 4 };
  return {
    coupons: new Map([[1n, coupon]]),
    reservations: new Map(reservation ? [[reservation.id, reservation]] : []),
    policies: new Map([[2n, { ...policy, status: 'EXHAUSTED' }]]),
    unclaimedEvents: new Set(['e1']),
  };
}

const CELLS = Object.entries(TABLE).flatMap(([row, expected]) =>
  Object.keys(SITUATIONS).map((name, index) => [row, name, expected[index] ?? 'missing'] as const),
);

describe('the transition table', () => {
  it.each(CELLS)('%s of a coupon that is %s: %s', (row, name, expected) => {
    const [command = '', key] = row.split(' ');
    const situation = SITUATIONS[name];
    const make = COMMANDS[command];
    if (!situation || !make) throw new Error(`${row} of ${name} is not defined`);
    const decision = decideLifecycle(snapshotOf(situation), [make(key === 'same')], NOW_MS, HOLD_MS);
    const [outcome] = decision.outcomes;
    const [after = situation.coupon] = decision.coupons;

    if (outcome?.kind === 'refused') expect(outcome.refusal.code).toBe(expected);
    else if (outcome?.kind === 'ignored') expect(expected).toBe('-');
    else expect(decision.steps.length === 0 ? '=' : outcome?.coupon.state.status).toBe(expected);

    const stays = outcome?.kind !== 'done' || expected === '=';
    expect(decision.steps.length === 0).toBe(stays);
    expect(after.version).toBe(situation.coupon.version + decision.steps.length);
    expect(decision.failures).toHaveLength(row === 'PAYMENT_COMPLETED same' && expected === CLASH ? 1 : 0);

    const reservations = new Map([...snapshotOf(situation).reservations.values()].map((each) => [each.id, each]));
    for (const each of decision.reservations) reservations.set(each.id, each);
    const holding = (status: ReservationStatus) => [...reservations.values()].filter((each) => each.status === status);
    expect(holding('PENDING').map((each) => each.id)).toEqual(
      after.state.status === 'RESERVED' ? [after.state.reservationId] : [],
    );
    expect(holding('CONFIRMED').map((each) => each.id)).toEqual(
      after.state.status === 'USED' && after.state.reservation ? [after.state.reservation.id] : [],
    );
  });

  it('has a row for every command and key', () => {
    const keyless = ['CANCEL', 'CANCEL_ORDER', 'EXPIRE'];
    const rows = Object.keys(COMMANDS).flatMap((name) => [
      `${name} same`,
      ...(keyless.includes(name) ? [] : [`${name} other`]),
    ]);
    expect(Object.keys(TABLE).sort()).toEqual(rows.sort());
  });
});

describe('withdrawing', () => {
  const withdraw = (principal: { userId: bigint; role: string }, returnStock: boolean) =>
    decideLifecycle(
      snapshotOf({ coupon: COUPON }),
      [{ ...cancel, principal, returnStock, orderCancelled: false }],
      NOW_MS,
      HOLD_MS,
    );

  it('withdrawing with its stock makes an exhausted policy active again', () => {
    const { policies, coupons } = withdraw({ userId: 9n, role: 'ADMIN' }, true);
    expect(policies).toMatchObject([{ status: 'ACTIVE', issuedCount: 0, refusalEpoch: 5 }]);
    expect(coupons).toMatchObject([{ state: { status: 'CANCELLED', returned: true } }]);
  });

  it('withdrawing without its stock keeps the count, but raises the refusal epoch', () => {
    const { policies } = withdraw({ userId: 9n, role: 'ADMIN' }, false);
    expect(policies).toMatchObject([{ status: 'EXHAUSTED', issuedCount: 1, refusalEpoch: 5 }]);
  });

  it('withdrawing is allowed to a machine, whose scope the gateway has checked', () => {
    expect(withdraw({ userId: 0n, role: 'SERVICE' }, false).coupons).toMatchObject([
      { state: { status: 'CANCELLED' } },
    ]);
  });

  it.each([
    ['the owner of another policy', { userId: 6n, role: 'OWNER' }],
    ['a customer, though it is theirs', { userId: 7n, role: 'CUSTOMER' }],
  ])('withdrawing is refused for %s', (_, principal) => {
    const { outcomes, steps } = withdraw(principal, true);
    expect(outcomes).toMatchObject([{ refusal: { code: 'FORBIDDEN' } }]);
    expect(steps).toEqual([]);
  });
});

const restore = { kind: 'RESTORE', couponId: 1n, orderId: 'o1', unpaid: false } as const;

it.each([
  ['whose policy restores nothing', { terms: { ...COUPON.terms, restoreOnRefund: false } }],
  ['that has expired meanwhile', { expiresAtMs: NOW_MS }],
])('a refund leaves a coupon used %s', (_, changed) => {
  const coupon: Coupon = { ...COUPON, ...changed, state: used('r1') };
  const { outcomes, steps } = decideLifecycle(
    snapshotOf({ coupon, reservation: r1('CONFIRMED') }),
    [restore],
    NOW_MS,
    HOLD_MS,
  );
  expect([outcomes, steps]).toEqual([[{ kind: 'done', coupon, reservation: null }], []]);
});

it.each([
  ['whatever its policy says', { terms: { ...COUPON.terms, restoreOnRefund: false } }, 'ISSUED', ['RESTORED']],
  ['EXPIRED when its time is over', { expiresAtMs: NOW_MS }, 'EXPIRED', ['RESTORED', 'EXPIRED']],
] as const)('the coupon of an order that was never paid is restored, %s', (_, changed, status, kinds) => {
  const coupon: Coupon = { ...COUPON, ...changed, state: used('r1') };
  const paid = snapshotOf({ coupon, reservation: r1('CONFIRMED') });
  const { outcomes, steps, reservations } = decideLifecycle(paid, [{ ...restore, unpaid: true }], NOW_MS, HOLD_MS);
  expect(outcomes).toMatchObject([{ kind: 'done', coupon: { state: { status } } }]);
  expect(steps.map(({ kind }) => kind)).toEqual(kinds);
  expect(reservations).toMatchObject([{ id: 'r1', status: 'CANCELLED' }]);
});

it('a late payment does not use a coupon whose reservation was released after its end', () => {
  const late = [COMMANDS['RELEASE'], COMMANDS['CONFIRM'], COMMANDS['PAYMENT_COMPLETED']].map((make) => make?.(true));
  const timedOut = snapshotOf({ coupon: COUPON, reservation: r1('EXPIRED') });
  const decision = decideLifecycle(
    timedOut,
    late.filter((each) => each !== undefined),
    NOW_MS,
    HOLD_MS,
  );
  expect(decision.outcomes).toMatchObject([
    { kind: 'done', reservation: { status: 'CANCELLED', endedAtMs: NOW_MS - 1 } },
    { kind: 'refused', refusal: { code: CLASH } },
    { kind: 'refused', refusal: { code: CLASH } },
  ]);
  expect(decision.failures).toMatchObject([{ reservationId: 'r1', reason: CLASH }]);
  expect([decision.steps, decision.coupons]).toEqual([[], []]);
});

it.each([
  ['amount', { orderAmount: 5_001n }],
  ['order', { orderId: 'o2' }],
  ['user', { userId: 8n }],
])('a reservation id is refused for another %s', (_, changed) => {
  const same = {
    kind: 'RESERVE',
    reservationId: 'r1',
    userId: 7n,
    couponId: 1n,
    orderAmount: 5_000n,
    orderId: 'o1',
  } as const;
  const held = snapshotOf({ coupon: { ...COUPON, state: RESERVED }, reservation: r1('PENDING') });
  const { outcomes } = decideLifecycle(held, [same, { ...same, ...changed }], NOW_MS, HOLD_MS);
  expect(outcomes[0]?.kind).toBe('done');
  expect(outcomes[1]).toMatchObject({ kind: 'refused', refusal: { code: CLASH } });
});
