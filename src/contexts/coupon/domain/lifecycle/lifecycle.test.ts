import { describe, expect, it } from 'vitest';
import { manager } from '../../../../../test/support/stores.ts';
import type { Manager } from '../../../store/api.ts';
import type { CouponRefusalCode } from '../../api.ts';
import { COUPON, HOLD_MS, RESERVED, r1, type Situation, snapshotOf, used } from '../../test/lifecycle-situation.ts';
import { NOW_MS } from '../../test/policies.ts';
import type { CouponStatus, ReservationStatus } from '../enumerations.ts';
import type { Coupon } from './coupon.ts';
import { decideLifecycle } from './lifecycle.ts';
import type { LifecycleCommand } from './lifecycle-command.ts';
import type { LifecycleDecision, LifecycleSnapshot } from './lifecycle-decision.ts';

const SITUATIONS = {
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
} as const satisfies Readonly<Record<string, Situation>>;
type SituationName = keyof typeof SITUATIONS;
const SITUATION_NAMES = Object.keys(SITUATIONS) as SituationName[];

interface Ids {
  readonly reservationId: string;
  readonly orderId: string;
}
/** The ids of the earlier reservation, and others. */
const IDS = {
  same: { reservationId: 'r1', orderId: 'o1' },
  other: { reservationId: 'r2', orderId: 'o2' },
} as const satisfies Readonly<Record<string, Ids>>;

const cancel = {
  kind: 'CANCEL',
  couponId: 1n,
  manager: manager('ADMIN', 5n),
  note: '',
  returnStock: false,
} as const;
const payment =
  (kind: 'PAYMENT_COMPLETED' | 'PAYMENT_FAILED') =>
  ({ orderId }: Ids): LifecycleCommand => ({
    kind,
    eventId: 'e1',
    orderId,
    userId: 7n,
    callerReservationId: null,
    couponId: null,
  });

const COMMANDS = {
  RESERVE: (ids: Ids): LifecycleCommand => ({
    kind: 'RESERVE',
    ...ids,
    couponId: 1n,
    userId: 7n,
    orderAmount: 5_000n,
  }),
  RELEASE: ({ reservationId }: Ids): LifecycleCommand => ({ kind: 'RELEASE', reservationId }),
  EXTEND: ({ reservationId }: Ids): LifecycleCommand => ({ kind: 'EXTEND', reservationId }),
  CONFIRM: ({ reservationId }: Ids): LifecycleCommand => ({ kind: 'CONFIRM', reservationId }),
  USE: ({ orderId }: Ids): LifecycleCommand => ({ kind: 'USE', couponId: 1n, userId: 7n, orderId, orderAmount: null }),
  USE_AT_COUNTER: (): LifecycleCommand => ({
    kind: 'USE_AT_COUNTER',
    couponId: 1n,
    clerk: manager('ADMIN'),
    orderAmount: null,
  }),
  CANCEL: (): LifecycleCommand => ({ ...cancel, orderCancelled: false }),
  CANCEL_ORDER: (): LifecycleCommand => ({ ...cancel, orderCancelled: true }),
  RESTORE: ({ orderId }: Ids): LifecycleCommand => ({ kind: 'RESTORE', couponId: 1n, orderId, unpaid: false }),
  RESTORE_UNPAID: ({ orderId }: Ids): LifecycleCommand => ({ kind: 'RESTORE', couponId: 1n, orderId, unpaid: true }),
  TIME_OUT: ({ reservationId }: Ids): LifecycleCommand => ({ kind: 'TIME_OUT', reservationId }),
  EXPIRE: (): LifecycleCommand => ({ kind: 'EXPIRE', couponId: 1n }),
  PAYMENT_COMPLETED: payment('PAYMENT_COMPLETED'),
  PAYMENT_FAILED: payment('PAYMENT_FAILED'),
};
type CommandName = keyof typeof COMMANDS;

/** What a command results in. */
type Expectation =
  | { readonly kind: 'becomes'; readonly status: CouponStatus }
  /** Nothing changes, and the current state is returned. */
  | { readonly kind: 'unchanged' }
  /** The event does not concern the coupon. */
  | { readonly kind: 'ignored' }
  /** `isReported`: an event says that the payment could not be confirmed. */
  | { readonly kind: 'refused'; readonly code: CouponRefusalCode; readonly isReported: boolean };
type Expectations = Readonly<Record<SituationName, Expectation>>;

const becomes = (status: CouponStatus): Expectation => ({ kind: 'becomes', status });
const UNCHANGED: Expectation = { kind: 'unchanged' };
const IGNORED: Expectation = { kind: 'ignored' };
const refused = (code: CouponRefusalCode, isReported = false): Expectation => ({ kind: 'refused', code, isReported });

const WITHDRAWN = refused('COUPON_NOT_AVAILABLE');
const TOO_LATE = refused('COUPON_EXPIRED');
const USED_BEFORE = refused('COUPON_ALREADY_USED');
const NOT_FOUND = refused('RESERVATION_NOT_FOUND');
const CONFLICT = refused('RESERVATION_CONFLICT');
const TIMED_OUT = refused('RESERVATION_EXPIRED');

/** The same in all situations, except for those that are named. */
const everywhere = (expectation: Expectation, exceptions: Partial<Expectations> = {}): Expectations => ({
  ...(Object.fromEntries(SITUATION_NAMES.map((name) => [name, expectation])) as Expectations),
  ...exceptions,
});
const whileHeld = (expectation: Expectation) => ({
  held: expectation,
  overdue: expectation,
  'held past': expectation,
});
const whileUsable = (expectation: Expectation) => ({
  issued: expectation,
  'timed out': expectation,
  released: expectation,
});
/** A coupon that can no longer be used. */
const afterwards = { past: TOO_LATE, expired: TOO_LATE, withdrawn: WITHDRAWN };
const onceUsed = (expectation: Expectation) => ({ paid: expectation, used: expectation });

const RESTORING = {
  same: everywhere(UNCHANGED, onceUsed(becomes('ISSUED'))),
  other: everywhere(UNCHANGED, onceUsed(CONFLICT)),
};

/** Each command with the ids of the earlier reservation and with others; without others when it has no such ids. */
const TABLE = {
  RESERVE: {
    same: everywhere(UNCHANGED, {
      ...afterwards,
      issued: becomes('RESERVED'),
      overdue: TIMED_OUT,
      used: USED_BEFORE,
      'timed out': TIMED_OUT,
      released: CONFLICT,
    }),
    other: everywhere(becomes('RESERVED'), {
      ...afterwards,
      ...onceUsed(USED_BEFORE),
      held: CONFLICT,
      'held past': CONFLICT,
    }),
  },
  RELEASE: {
    same: everywhere(NOT_FOUND, {
      ...whileHeld(becomes('ISSUED')),
      paid: USED_BEFORE,
      'timed out': UNCHANGED,
      released: UNCHANGED,
    }),
    other: everywhere(NOT_FOUND),
  },
  EXTEND: {
    same: everywhere(NOT_FOUND, {
      held: becomes('RESERVED'),
      'held past': becomes('RESERVED'),
      overdue: TIMED_OUT,
      'timed out': TIMED_OUT,
      paid: CONFLICT,
      released: CONFLICT,
    }),
    other: everywhere(NOT_FOUND),
  },
  CONFIRM: {
    same: everywhere(CONFLICT, { ...whileHeld(becomes('USED')), 'timed out': becomes('USED'), paid: UNCHANGED }),
    other: everywhere(CONFLICT),
  },
  USE: {
    same: everywhere(becomes('USED'), { ...afterwards, ...whileHeld(CONFLICT), ...onceUsed(UNCHANGED) }),
    other: everywhere(becomes('USED'), { ...afterwards, ...whileHeld(CONFLICT), ...onceUsed(USED_BEFORE) }),
  },
  USE_AT_COUNTER: {
    same: everywhere(becomes('USED'), { ...afterwards, ...whileHeld(CONFLICT), ...onceUsed(USED_BEFORE) }),
  },
  CANCEL: {
    same: everywhere(CONFLICT, {
      ...afterwards,
      ...whileUsable(becomes('CANCELLED')),
      ...onceUsed(USED_BEFORE),
      withdrawn: UNCHANGED,
    }),
  },
  CANCEL_ORDER: {
    same: everywhere(becomes('CANCELLED'), { ...afterwards, ...onceUsed(USED_BEFORE), withdrawn: UNCHANGED }),
  },
  RESTORE: RESTORING,
  RESTORE_UNPAID: RESTORING,
  TIME_OUT: {
    same: everywhere(IGNORED, {
      ...whileHeld(UNCHANGED),
      overdue: becomes('ISSUED'),
      paid: UNCHANGED,
      'timed out': UNCHANGED,
      released: UNCHANGED,
    }),
    other: everywhere(IGNORED),
  },
  EXPIRE: { same: everywhere(UNCHANGED, { past: becomes('EXPIRED') }) },
  PAYMENT_COMPLETED: {
    same: everywhere(IGNORED, {
      ...whileHeld(becomes('USED')),
      paid: UNCHANGED,
      'timed out': becomes('USED'),
      released: refused('RESERVATION_CONFLICT', true),
    }),
    other: everywhere(IGNORED),
  },
  PAYMENT_FAILED: {
    same: everywhere(IGNORED, whileHeld(becomes('ISSUED'))),
    other: everywhere(IGNORED),
  },
} as const satisfies {
  readonly [Name in CommandName]: (typeof COMMANDS)[Name] extends () => LifecycleCommand
    ? { readonly same: Expectations }
    : Readonly<Record<keyof typeof IDS, Expectations>>;
};

/** The end of a title: 'is refused with COUPON_EXPIRED for'. */
function inWords(expected: Expectation): string {
  switch (expected.kind) {
    case 'becomes':
      return `leads to ${expected.status} for`;
    case 'unchanged':
      return 'changes nothing of';
    case 'ignored':
      return 'is ignored for';
    case 'refused':
      return `is refused with ${expected.code} for`;
  }
}

it('a coupon is not used directly for an order that has another coupon, until that one is restored', () => {
  const other: Coupon = { ...COUPON, id: 3n };
  const use = (couponId: bigint, orderId: string | null = 'o1'): LifecycleCommand => ({
    kind: 'USE',
    couponId,
    userId: 7n,
    orderId,
    orderAmount: null,
  });
  const restore: LifecycleCommand = { kind: 'RESTORE', couponId: 1n, orderId: 'o1', unpaid: true };
  const reserveOther: LifecycleCommand = {
    kind: 'RESERVE',
    reservationId: 'r2',
    couponId: 3n,
    userId: 7n,
    orderId: 'o1',
    orderAmount: 5_000n,
  };
  const codesOf = (commands: readonly LifecycleCommand[], directUses: LifecycleSnapshot['directUses'] = []) => {
    const coupons = new Map([COUPON, other].map((each) => [each.id, each]));
    const decided = decideLifecycle(
      { ...snapshotOf({ coupon: COUPON }), coupons, directUses },
      commands,
      NOW_MS,
      HOLD_MS,
    );
    return decided.outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.refusal.code : outcome.kind));
  };
  expect(codesOf([use(1n), use(3n), reserveOther, use(3n, 'o2')])).toEqual([
    'done',
    'COUPON_NOT_STACKABLE',
    'COUPON_NOT_STACKABLE',
    'done',
  ]);
  expect(codesOf([use(1n), restore, use(3n)])).toEqual(['done', 'done', 'done']);
  expect(codesOf([use(1n, null), use(3n, null)])).toEqual(['done', 'done']);
  expect(codesOf([reserveOther, use(1n)])).toEqual(['done', 'COUPON_NOT_STACKABLE']);
  const before = { couponId: 9n, userId: 7n, orderId: 'o1' };
  expect(codesOf([use(1n), reserveOther], [before])).toEqual(['COUPON_NOT_STACKABLE', 'COUPON_NOT_STACKABLE']);
  expect(codesOf([use(1n)], [{ ...before, userId: 8n }])).toEqual(['done']);
});

const CASES = (Object.keys(COMMANDS) as CommandName[]).flatMap((command) =>
  (Object.entries(TABLE[command]) as [keyof typeof IDS, Expectations][]).flatMap(([ids, expectations]) =>
    SITUATION_NAMES.map((situation) => {
      const expected = expectations[situation];
      return { command, ids, situation, expected, result: inWords(expected) };
    }),
  ),
);

it.each(CASES)(
  '$command with the $ids ids $result a coupon that is $situation',
  ({ command, ids, situation, expected }) => {
    const { coupon, reservation }: Situation = SITUATIONS[situation];
    const snapshot = snapshotOf({ coupon, ...(reservation && { reservation }) });
    const decision = decideLifecycle(snapshot, [COMMANDS[command](IDS[ids])], NOW_MS, HOLD_MS);
    expect(resultOf(decision)).toEqual(expected);

    const [after = coupon] = decision.coupons;
    expect(decision.steps.length > 0).toBe(expected.kind === 'becomes');
    expect(after.version).toBe(coupon.version + decision.steps.length);

    const reservations = new Map(snapshot.reservations);
    for (const each of decision.reservations) reservations.set(each.id, each);
    const holding = (status: ReservationStatus) => [...reservations.values()].filter((each) => each.status === status);
    expect(holding('PENDING').map((each) => each.id)).toEqual(
      after.state.status === 'RESERVED' ? [after.state.reservationId] : [],
    );
    expect(holding('CONFIRMED').map((each) => each.id)).toEqual(
      after.state.status === 'USED' && after.state.reservation ? [after.state.reservation.id] : [],
    );
  },
);

/** The result of a decision on one command. */
function resultOf({ outcomes: [outcome], steps, failures }: LifecycleDecision) {
  switch (outcome?.kind) {
    case 'refused':
      return { kind: 'refused', code: outcome.refusal.code, isReported: failures.length > 0 };
    case 'done':
      return steps.length === 0 ? UNCHANGED : becomes(outcome.coupon.state.status);
    default:
      return outcome;
  }
}

describe('withdrawing', () => {
  const withdraw = (by: Manager, returnStock: boolean) =>
    decideLifecycle(
      snapshotOf({ coupon: { ...COUPON, terms: { ...COUPON.terms, storeId: 3n } } }),
      [{ ...cancel, manager: by, returnStock, orderCancelled: false }],
      NOW_MS,
      HOLD_MS,
    );

  it('withdrawing is allowed to the owner of its store', () => {
    expect(withdraw(manager('OWNER', 5n, 3n), false).coupons).toMatchObject([{ state: { status: 'CANCELLED' } }]);
  });

  it('withdrawing with its stock makes an exhausted policy active again', () => {
    const { policies, coupons } = withdraw(manager('ADMIN', 9n), true);
    expect(policies).toMatchObject([{ status: 'ACTIVE', issuedCount: 0, refusalEpoch: 5 }]);
    expect(coupons).toMatchObject([{ state: { status: 'CANCELLED', returned: true } }]);
  });

  it('withdrawing without its stock keeps the count, but raises the refusal epoch', () => {
    const { policies } = withdraw(manager('ADMIN', 9n), false);
    expect(policies).toMatchObject([{ status: 'EXHAUSTED', issuedCount: 1, refusalEpoch: 5 }]);
  });

  it('withdrawing is allowed to a machine, whose scope the gateway has checked', () => {
    expect(withdraw(manager('SERVICE', 0n), false).coupons).toMatchObject([{ state: { status: 'CANCELLED' } }]);
  });

  it.each([
    ['the owner of another store', manager('OWNER', 6n, 4n)],
    ['a customer, though it is theirs', manager('CUSTOMER', 7n, 3n)],
  ])('withdrawing is refused for %s', (_, by) => {
    const { outcomes, steps } = withdraw(by, true);
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
  const late = [COMMANDS.RELEASE, COMMANDS.CONFIRM, COMMANDS.PAYMENT_COMPLETED].map((make) => make(IDS.same));
  const decision = decideLifecycle(snapshotOf(SITUATIONS['timed out']), late, NOW_MS, HOLD_MS);
  expect(decision.outcomes).toMatchObject([
    { kind: 'done', reservation: { status: 'CANCELLED', endedAtMs: NOW_MS - 1 } },
    { kind: 'refused', refusal: { code: 'RESERVATION_CONFLICT' } },
    { kind: 'refused', refusal: { code: 'RESERVATION_CONFLICT' } },
  ]);
  expect(decision.failures).toMatchObject([{ reservationId: 'r1', reason: 'RESERVATION_CONFLICT' }]);
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
  expect(outcomes[1]).toMatchObject({ kind: 'refused', refusal: { code: 'RESERVATION_CONFLICT' } });
});

describe('reserving the coupon of a store', () => {
  const LINES = [
    { storeId: 3n, amount: 2_000n },
    { storeId: 4n, amount: 7_000n },
    { storeId: null, amount: 1_000n },
  ];
  const reserving = (terms: Partial<Coupon['terms']>, changed: { lines?: typeof LINES } = { lines: LINES }) =>
    decideLifecycle(
      snapshotOf({ coupon: { ...COUPON, terms: { ...COUPON.terms, eligibleStoreId: 3n, ...terms } } }),
      [
        {
          kind: 'RESERVE',
          reservationId: 'r9',
          couponId: 1n,
          userId: 7n,
          orderId: 'o9',
          orderAmount: 10_000n,
          ...changed,
        },
      ],
      NOW_MS,
      HOLD_MS,
    );
  const PERCENT = { discountType: 'PERCENTAGE', discountValue: 5_000n } as const;

  it.each([
    ['a fixed amount', {}, 1_000n],
    ['a fixed amount above the lines', { discountValue: 9_000n }, 2_000n],
    ['a percentage', PERCENT, 1_000n],
    ['a percentage with a cap', { ...PERCENT, maxDiscountAmount: 300n }, 300n],
    ['a minimum that its lines reach', { minimumOrderAmount: 2_000n }, 1_000n],
    ['no store', { ...PERCENT, eligibleStoreId: null }, 5_000n],
  ])('the discount of a coupon with %s goes by the lines of its store', (_, terms, discountAmount) => {
    const { reservations, coupons } = reserving(terms);
    const eligibleAmount = 'eligibleStoreId' in terms ? 10_000n : 2_000n;
    expect(reservations).toMatchObject([{ orderAmount: 10_000n, eligibleAmount, discountAmount }]);
    expect(coupons).toMatchObject([{ state: { status: 'RESERVED' } }]);
  });

  it.each([
    ['its store sells none of the lines', { eligibleStoreId: 5n }, undefined, 'COUPON_NOT_APPLICABLE'],
    ['only the amount of the order is known', {}, {}, 'COUPON_NOT_APPLICABLE'],
    ['its lines do not reach the minimum', { minimumOrderAmount: 2_001n }, undefined, 'MINIMUM_ORDER_NOT_MET'],
    ['its discount is rounded to 0', { ...PERCENT, discountValue: 4n }, undefined, 'COUPON_NOT_APPLICABLE'],
    [
      'it is of the platform and its discount is 0',
      { ...PERCENT, discountValue: 0n, eligibleStoreId: null },
      {},
      'COUPON_NOT_APPLICABLE',
    ],
  ] as const)('the coupon is refused, and can still be used, when %s', (_, terms, changed, code) => {
    const { outcomes, coupons, reservations } = reserving(terms, changed);
    expect(outcomes).toMatchObject([{ kind: 'refused', refusal: { code } }]);
    expect([coupons, reservations]).toEqual([[], []]);
  });

  it('a repeat with the same reservation id and other lines of its store is a conflict', () => {
    const ofStore = { ...COUPON, terms: { ...COUPON.terms, eligibleStoreId: 3n } };
    const existing = { ...r1('PENDING'), orderAmount: 10_000n, eligibleAmount: 2_000n };
    const repeat = (lines: typeof LINES) =>
      decideLifecycle(
        snapshotOf({ coupon: { ...ofStore, state: RESERVED }, reservation: existing }),
        [
          {
            kind: 'RESERVE',
            reservationId: 'r1',
            couponId: 1n,
            userId: 7n,
            orderId: 'o1',
            orderAmount: 10_000n,
            lines,
          },
        ],
        NOW_MS,
        HOLD_MS,
      ).outcomes;
    expect(repeat(LINES)).toMatchObject([{ kind: 'done' }]);
    expect(repeat([{ storeId: 3n, amount: 10_000n }])).toMatchObject([{ refusal: { code: 'RESERVATION_CONFLICT' } }]);
  });
});
