import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countingIds } from '../../../../../test/support/counting-ids.ts';
import { HOUR_MS } from '../../../../platform/kernel/durations.ts';
import { ask, issuable, NOW_MS } from '../../test/policies.ts';
import {
  claimKey,
  closedRefusal,
  decideIssues,
  type Holding,
  type IssuablePolicy,
  type IssueCommand,
  type IssueOutcome,
  type IssueSnapshot,
  type NewCoupon,
} from './issue.ts';

type Held = Holding & Pick<NewCoupon, 'policyId' | 'userId' | 'code' | 'eventId'>;
const held = (policyId: bigint, userId: bigint, holding: Holding): Held => ({
  ...holding,
  policyId,
  userId,
  code: undefined,
  eventId: undefined,
});

/** In-memory policies and coupons: each batch starts from the result of the previous one. */
function model(policies: readonly IssuablePolicy[], before: readonly Held[] = []) {
  const rows = new Map(policies.map((policy) => [policy.id, policy]));
  const coupons = [...before];
  const nextId = countingIds(1_000n);
  const snapshot = (): IssueSnapshot => {
    const [seenRows, seenCoupons] = [new Map(rows), [...coupons]];
    return {
      policies: seenRows,
      holdings: (policyId, userId) => seenCoupons.filter((c) => c.policyId === policyId && c.userId === userId),
      claim: (command) => seenCoupons.find((coupon) => claimKey(coupon) === claimKey(command)),
    };
  };
  return {
    rows,
    coupons,
    run(commands: readonly IssueCommand[], nowMs = NOW_MS): readonly IssueOutcome[] {
      const decision = decideIssues(snapshot(), commands, nowMs, nextId);
      coupons.push(...decision.issued);
      for (const changed of decision.changed) rows.set(changed.id, changed);
      return decision.outcomes;
    },
  };
}

const POLICIES = [
  issuable({ id: 1n, maxIssueCount: 5 }),
  issuable({ id: 2n, maxIssueCount: 9, maxIssuePerUser: 3, lastSequenceNo: 2, status: 'PENDING' }),
  issuable({ id: 3n, maxIssueCount: null, maxIssuePerUser: 2, distributionType: 'DOWNLOAD' }),
  issuable({ id: 4n, status: 'PAUSED' }),
  issuable({ id: 6n, maxIssueCount: 7, maxIssuePerUser: 2, distributionType: 'CODE' }),
  issuable({ id: 7n, maxIssueCount: 9, maxIssuePerUser: 3, distributionType: 'EVENT' }),
  issuable({ id: 8n, maxIssueCount: 5, distributionType: 'DIRECT' }),
];
const userId = fc.bigInt({ min: 1n, max: 8n });
const command: fc.Arbitrary<IssueCommand> = fc.oneof(
  fc.record({
    policyId: fc.bigInt({ min: 1n, max: 8n }),
    userId,
    issueMethod: fc.constantFrom('CUSTOMER' as const, 'DIRECT' as const, 'CODE' as const),
  }),
  fc.record({
    policyId: fc.constant(6n),
    userId,
    issueMethod: fc.constant('CODE' as const),
    code: fc.constantFrom('A', 'B', 'C', 'D', 'E'),
  }),
  fc.record({
    policyId: fc.constant(7n),
    userId,
    issueMethod: fc.constant('EVENT' as const),
    eventId: fc.constantFrom('1:0', '1:1', '2:0'),
  }),
);
const commandList = fc.array(command, { maxLength: 80 });
// Two of user 3's slots of policy 2 are taken, with a hole between them; none of them counted in lastSequenceNo order.
const BEFORE = [
  held(2n, 3n, { couponId: 90n, sequenceNo: 1, slot: 0 }),
  held(2n, 3n, { couponId: 91n, sequenceNo: 2, slot: 2 }),
];

/** Cuts a list at the given places. */
function split<T>(list: readonly T[], cuts: readonly number[]): T[][] {
  const places = [0, ...cuts.map((cut) => cut % (list.length + 1)).sort((a, b) => a - b), list.length];
  return places.slice(1).map((end, index) => list.slice(places[index], end));
}

describe('decideIssues', () => {
  it('splitting commands into batches changes no outcome', () => {
    fc.assert(
      fc.property(commandList, fc.array(fc.nat(), { maxLength: 10 }), (commands, cuts) => {
        const oneByOne = model(POLICIES, BEFORE);
        const grouped = model(POLICIES, BEFORE);
        const expected = commands.flatMap((each) => oneByOne.run([each]));
        const outcomes = split(commands, cuts).flatMap((batch) => grouped.run(batch));
        expect(outcomes).toEqual(expected);
        expect(grouped.rows).toEqual(oneByOne.rows);
        expect(grouped.coupons).toEqual(oneByOne.coupons);
      }),
    );
  });

  it('every invariant holds after random commands', () => {
    fc.assert(
      fc.property(commandList, fc.array(fc.nat(), { maxLength: 5 }), (commands, cuts) => {
        const { rows, coupons, run } = model(POLICIES, BEFORE);
        for (const batch of split(commands, cuts)) run(batch);
        for (const row of rows.values()) {
          const first = POLICIES.find(({ id }) => id === row.id);
          const mine = coupons.filter((coupon) => coupon.policyId === row.id);
          const fresh = mine.filter((coupon) => !BEFORE.some(({ couponId }) => couponId === coupon.couponId));
          expect(row.issuedCount - (first?.issuedCount ?? 0)).toBe(fresh.length);
          if (row.maxIssueCount !== null) expect(row.issuedCount).toBeLessThanOrEqual(row.maxIssueCount);
          const from = first?.lastSequenceNo ?? 0;
          expect(fresh.map(({ sequenceNo }) => sequenceNo)).toEqual(fresh.map((_, index) => from + index + 1));
          expect(row.lastSequenceNo).toBe(from + fresh.length);
          expect(row.status === 'EXHAUSTED').toBe(row.issuedCount === row.maxIssueCount);
          const places = mine.map((coupon) => `${coupon.userId}:${coupon.slot}`);
          expect(new Set(places).size).toBe(places.length);
          for (const { slot } of mine) expect(slot).toBeLessThan(row.maxIssuePerUser);
        }
        const claims = coupons.map(claimKey).filter((key) => key !== undefined);
        expect(new Set(claims).size).toBe(claims.length);
      }),
    );
  });

  it('of two commands of one user in a batch one gets the coupon, the other a refusal that names it', () => {
    const { run } = model([issuable()]);
    const [first, second] = run([ask(1n, 7n), ask(1n, 7n)]);
    expect(first).toMatchObject({ kind: 'issued', coupon: { sequenceNo: 1, slot: 0, issuedAtMs: NOW_MS } });
    expect(second).toMatchObject({
      kind: 'refused',
      refusal: { code: 'COUPON_ALREADY_ISSUED', details: { couponId: '1000', sequenceNo: '1' } },
      named: { couponId: 1000n, sequenceNo: 1 },
    });
  });

  it('a user of a policy with several slots gets the free ones, then a refusal with the limit', () => {
    const { run, coupons } = model(
      [issuable({ maxIssuePerUser: 3 })],
      [held(1n, 7n, { couponId: 5n, sequenceNo: 1, slot: 1 })],
    );
    const commands = Array.from({ length: 3 }, () => ask(1n, 7n));
    const outcomes = run(commands);
    expect(outcomes[2]).toMatchObject({ refusal: { code: 'COUPON_ISSUE_LIMIT_EXCEEDED', details: { limit: '3' } } });
    expect(coupons.map(({ slot }) => slot)).toEqual([1, 0, 2]);
  });

  it('a batch stops at the last coupon, and a holder is refused with their coupon instead of sold out', () => {
    const { run, rows } = model([issuable({ maxIssueCount: 2 })]);
    const codes = run([1n, 2n, 3n, 1n].map((userId) => ask(1n, userId))).map((outcome) =>
      outcome.kind === 'issued' ? 'issued' : outcome.refusal.code,
    );
    expect(codes).toEqual(['issued', 'issued', 'COUPON_SOLD_OUT', 'COUPON_ALREADY_ISSUED']);
    expect(rows.get(1n)).toMatchObject({ status: 'EXHAUSTED', issuedCount: 2, lastSequenceNo: 2 });
  });

  it('numbering continues after the last number, not after the number of counting coupons', () => {
    const { run } = model([issuable({ maxIssueCount: 10, issuedCount: 3, lastSequenceNo: 8 })]);
    expect(run([ask(1n, 7n)])).toMatchObject([{ coupon: { sequenceNo: 9 } }]);
  });

  it('an unknown policy is refused with POLICY_NOT_FOUND, and no policy changes', () => {
    const { run, rows } = model([issuable()]);
    expect(run([ask(99n, 1n)])).toMatchObject([{ refusal: { code: 'POLICY_NOT_FOUND' } }]);
    expect(rows.get(1n)).toEqual(issuable());
  });
});

describe('the issue methods', () => {
  const METHODS = ['CUSTOMER', 'CODE', 'DIRECT', 'EVENT'] as const;
  it.each([
    ['FIRST_COME', 'CUSTOMER'],
    ['DOWNLOAD', 'CUSTOMER'],
    ['CODE', 'CODE'],
    ['DIRECT', 'DIRECT'],
    ['EVENT', 'EVENT'],
  ] as const)('a policy of type %s issues by the method %s only', (distributionType, own) => {
    for (const issueMethod of METHODS) {
      const { run } = model([issuable({ distributionType })]);
      const [outcome] = run([ask(1n, 7n, { issueMethod })]);
      expect(outcome).toMatchObject(
        issueMethod === own
          ? { kind: 'issued' }
          : { refusal: { code: 'COUPON_NOT_AVAILABLE', details: { distributionType } } },
      );
    }
  });

  it('a wrong issue method is refused before anything else, so that it reveals no holder', () => {
    const mine = held(1n, 7n, { couponId: 5n, sequenceNo: 1, slot: 0 });
    const { run } = model([issuable({ distributionType: 'DIRECT', status: 'ENDED' })], [mine]);
    expect(run([ask(1n, 7n)])).toMatchObject([{ refusal: { code: 'COUPON_NOT_AVAILABLE' } }]);
  });

  const code = (userId: bigint, text: string) => ask(1n, userId, { issueMethod: 'CODE', code: text });
  const codesOf = (outcomes: readonly IssueOutcome[]) =>
    outcomes.map((outcome) =>
      outcome.kind === 'issued'
        ? 'issued'
        : [outcome.refusal.code, outcome.refusal.details['couponId']].filter(Boolean).join(' '),
    );

  it('a unique code issues once: its user is refused with the coupon, other users with COUPON_ALREADY_USED', () => {
    const { run, coupons } = model([issuable({ distributionType: 'CODE' })]);
    const outcomes = run([code(7n, 'A'), code(7n, 'A'), code(8n, 'A'), code(8n, 'B'), code(7n, 'C')]);
    expect(codesOf(outcomes)).toEqual([
      'issued',
      'COUPON_ALREADY_ISSUED 1000',
      'COUPON_ALREADY_USED',
      'issued',
      'COUPON_ALREADY_ISSUED 1000',
    ]);
    expect(coupons.map((coupon) => coupon.code)).toEqual(['A', 'B']);
    expect(codesOf(run([code(9n, 'B'), code(8n, 'B')]))).toEqual(['COUPON_ALREADY_USED', 'COUPON_ALREADY_ISSUED 1001']);
  });

  it('a user of several codes is refused with the coupon of each, even at the limit', () => {
    const { run } = model([issuable({ distributionType: 'CODE', maxIssuePerUser: 2 })]);
    const outcomes = run([code(7n, 'A'), code(7n, 'B'), code(7n, 'A'), code(7n, 'C')]);
    expect(codesOf(outcomes)).toEqual([
      'issued',
      'issued',
      'COUPON_ALREADY_ISSUED 1000',
      'COUPON_ISSUE_LIMIT_EXCEEDED 1000',
    ]);
  });

  it('a code of a closed policy is refused as closed, used or not', () => {
    const { run } = model([issuable({ distributionType: 'CODE', maxIssueCount: 1 })]);
    expect(codesOf(run([code(7n, 'A'), code(8n, 'A'), code(8n, 'B')]))).toEqual([
      'issued',
      'COUPON_SOLD_OUT',
      'COUPON_SOLD_OUT',
    ]);
  });

  it('a shared code that its policy has no longer issues nothing', () => {
    const { run } = model([issuable({ distributionType: 'CODE', maxIssueCount: 3, code: 'After-1' })]);
    const shared = (userId: bigint, sharedCode: string): IssueCommand => ({
      ...code(userId, ''),
      code: undefined,
      sharedCode,
    });
    expect(codesOf(run([shared(7n, 'BEFORE1'), shared(7n, 'AFTER1'), shared(8n, 'BEFORE1')]))).toEqual([
      'COUPON_CODE_NOT_FOUND',
      'issued',
      'COUPON_CODE_NOT_FOUND',
    ]);
    const without = model([issuable({ distributionType: 'CODE', maxIssueCount: 3 })]);
    expect(codesOf(without.run([shared(7n, 'BEFORE1')]))).toEqual(['COUPON_CODE_NOT_FOUND']);
  });

  it('an event issues once for each user and policy, and another event issues again', () => {
    const policies = [1n, 2n].map((id) => issuable({ id, distributionType: 'EVENT', maxIssuePerUser: 5 }));
    const { run } = model(policies);
    const event = (policyId: bigint, userId: bigint, eventId: string) =>
      ask(policyId, userId, { issueMethod: 'EVENT', eventId });
    const commands = [
      event(1n, 7n, 'e'),
      event(1n, 7n, 'e'),
      event(1n, 8n, 'e'),
      event(2n, 7n, 'e'),
      event(1n, 7n, 'f'),
    ];
    expect(codesOf(run(commands))).toEqual(['issued', 'COUPON_ALREADY_ISSUED 1000', 'issued', 'issued', 'issued']);
    expect(codesOf(run(commands)).filter((outcome) => outcome === 'issued')).toEqual([]);
  });
});

describe('closedRefusal', () => {
  const from = NOW_MS - HOUR_MS;
  const end = NOW_MS + HOUR_MS;
  it.each([
    ['opens at its start', {}, from, undefined],
    ['is closed a millisecond before', {}, from - 1, 'POLICY_NOT_STARTED'],
    ['is open a millisecond before its end', {}, end - 1, undefined],
    ['has ended at its end', {}, end, 'POLICY_ENDED'],
    ['opens by itself from PENDING', { status: 'PENDING' }, from, undefined],
    ['is inactive while paused', { status: 'PAUSED' }, NOW_MS, 'POLICY_INACTIVE'],
    ['has ended when a manager ended it', { status: 'ENDED' }, NOW_MS, 'POLICY_ENDED'],
    ['has ended rather than is paused', { status: 'PAUSED' }, end, 'POLICY_ENDED'],
    ['is sold out by its count', { maxIssueCount: 3, issuedCount: 3 }, NOW_MS, 'COUPON_SOLD_OUT'],
    ['depends on the count, not on an outdated status', { status: 'EXHAUSTED', issuedCount: 9 }, NOW_MS, undefined],
    ['never sells out without a limit', { maxIssueCount: null, issuedCount: 1_000_000 }, NOW_MS, undefined],
  ] as const)('a policy %s', (_, changed, nowMs, code) => {
    const outcome = closedRefusal(issuable(changed), nowMs);
    expect(outcome?.kind === 'refused' ? outcome.refusal.code : undefined).toBe(code);
  });

  it('a refusal before the start contains validFrom', () => {
    expect(closedRefusal(issuable(), from - 1)).toMatchObject({
      refusal: { details: { validFrom: new Date(from).toISOString() } },
    });
  });
});
