import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countingIds, HOUR_MS, issuable, NOW_MS } from '../test/policies.ts';
import {
  closedFor,
  decideIssues,
  type Holding,
  type IssuablePolicy,
  type IssueCommand,
  type IssueOutcome,
  type IssueSnapshot,
} from './issue.ts';

/** A table of policies and coupons: what a group left is what the next one finds. */
function model(policies: readonly IssuablePolicy[], before: readonly (Holding & IssueCommand)[] = []) {
  const rows = new Map(policies.map((policy) => [policy.id, policy]));
  const coupons = [...before];
  const nextId = countingIds(1_000n);
  const snapshot = (): IssueSnapshot => {
    const [seenRows, seenCoupons] = [new Map(rows), [...coupons]];
    return {
      policies: seenRows,
      holdings: (policyId, userId) => seenCoupons.filter((c) => c.policyId === policyId && c.userId === userId),
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
];
const command = fc.record({ policyId: fc.bigInt({ min: 1n, max: 5n }), userId: fc.bigInt({ min: 1n, max: 8n }) });
const commandList = fc.array(command, { maxLength: 80 });
// Two of user 3's slots of policy 2 are taken, with a hole between them; none of them counted in lastSequenceNo order.
const BEFORE = [
  { couponId: 90n, policyId: 2n, userId: 3n, sequenceNo: 1, slot: 0 },
  { couponId: 91n, policyId: 2n, userId: 3n, sequenceNo: 2, slot: 2 },
];

/** Cuts a list at the given places. */
function split<T>(list: readonly T[], cuts: readonly number[]): T[][] {
  const places = [0, ...cuts.map((cut) => cut % (list.length + 1)).sort((a, b) => a - b), list.length];
  return places.slice(1).map((end, index) => list.slice(places[index], end));
}

describe('decideIssues', () => {
  it('decides a list in any split into groups as it decides the commands one by one', () => {
    fc.assert(
      fc.property(commandList, fc.array(fc.nat(), { maxLength: 10 }), (commands, cuts) => {
        const oneByOne = model(POLICIES, BEFORE);
        const grouped = model(POLICIES, BEFORE);
        const expected = commands.flatMap((each) => oneByOne.run([each]));
        const outcomes = split(commands, cuts).flatMap((group) => grouped.run(group));
        expect(outcomes).toEqual(expected);
        expect(grouped.rows).toEqual(oneByOne.rows);
        expect(grouped.coupons).toEqual(oneByOne.coupons);
      }),
    );
  });

  it('keeps every invariant, whatever is asked', () => {
    fc.assert(
      fc.property(commandList, fc.array(fc.nat(), { maxLength: 5 }), (commands, cuts) => {
        const { rows, coupons, run } = model(POLICIES, BEFORE);
        for (const group of split(commands, cuts)) run(group);
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
      }),
    );
  });

  it('gives each of two commands of one user in a group what is theirs: the coupon, and word of it', () => {
    const { run } = model([issuable()]);
    const [first, second] = run([
      { policyId: 1n, userId: 7n },
      { policyId: 1n, userId: 7n },
    ]);
    expect(first).toMatchObject({ kind: 'issued', coupon: { sequenceNo: 1, slot: 0, issuedAtMs: NOW_MS } });
    expect(second).toEqual({
      kind: 'refused',
      refusal: { code: 'COUPON_ALREADY_ISSUED', details: { couponId: '1000', sequenceNo: '1' } },
    });
  });

  it('gives a user of a policy with more than one each their free slots, then names the limit', () => {
    const { run, coupons } = model(
      [issuable({ maxIssuePerUser: 3 })],
      [{ couponId: 5n, policyId: 1n, userId: 7n, sequenceNo: 1, slot: 1 }],
    );
    const asked = Array.from({ length: 3 }, () => ({ policyId: 1n, userId: 7n }));
    const outcomes = run(asked);
    expect(outcomes[2]).toMatchObject({ refusal: { code: 'COUPON_ISSUE_LIMIT_EXCEEDED', details: { limit: '3' } } });
    expect(coupons.map(({ slot }) => slot)).toEqual([1, 0, 2]);
  });

  it('stops at the last coupon within a group, and tells a holder of theirs before it tells of the end', () => {
    const { run, rows } = model([issuable({ maxIssueCount: 2 })]);
    const codes = run([1n, 2n, 3n, 1n].map((userId) => ({ policyId: 1n, userId }))).map((outcome) =>
      outcome.kind === 'issued' ? 'issued' : outcome.refusal.code,
    );
    expect(codes).toEqual(['issued', 'issued', 'COUPON_SOLD_OUT', 'COUPON_ALREADY_ISSUED']);
    expect(rows.get(1n)).toMatchObject({ status: 'EXHAUSTED', issuedCount: 2, lastSequenceNo: 2 });
  });

  it('goes on numbering after the last number given, not after the number of coupons that count', () => {
    const { run } = model([issuable({ maxIssueCount: 10, issuedCount: 3, lastSequenceNo: 8 })]);
    expect(run([{ policyId: 1n, userId: 7n }])).toMatchObject([{ coupon: { sequenceNo: 9 } }]);
  });

  it('answers POLICY_NOT_FOUND for a policy that is not there, and touches none', () => {
    const { run, rows } = model([issuable()]);
    expect(run([{ policyId: 99n, userId: 1n }])).toMatchObject([{ refusal: { code: 'POLICY_NOT_FOUND' } }]);
    expect(rows.get(1n)).toEqual(issuable());
  });
});

describe('closedFor', () => {
  const from = NOW_MS - HOUR_MS;
  const end = NOW_MS + HOUR_MS;
  it.each([
    ['opens at its start', {}, from, undefined],
    ['is shut a millisecond before', {}, from - 1, 'POLICY_NOT_STARTED'],
    ['is open a millisecond before its end', {}, end - 1, undefined],
    ['is over at its end', {}, end, 'POLICY_ENDED'],
    ['opens by itself from PENDING', { status: 'PENDING' }, from, undefined],
    ['is shut while paused', { status: 'PAUSED' }, NOW_MS, 'POLICY_INACTIVE'],
    ['is over when ended by hand', { status: 'ENDED' }, NOW_MS, 'POLICY_ENDED'],
    ['is over rather than paused', { status: 'PAUSED' }, end, 'POLICY_ENDED'],
    ['is sold out by its count', { maxIssueCount: 3, issuedCount: 3 }, NOW_MS, 'COUPON_SOLD_OUT'],
    ['goes by the count, not by a status that lags', { status: 'EXHAUSTED', issuedCount: 9 }, NOW_MS, undefined],
    ['never sells out without a limit', { maxIssueCount: null, issuedCount: 1_000_000 }, NOW_MS, undefined],
    ['does not give codes on this route', { distributionType: 'CODE' }, NOW_MS, 'COUPON_NOT_AVAILABLE'],
    ['does not give events on this route', { distributionType: 'EVENT' }, NOW_MS, 'COUPON_NOT_AVAILABLE'],
    ['does not give direct ones on this route', { distributionType: 'DIRECT' }, NOW_MS, 'COUPON_NOT_AVAILABLE'],
    ['gives downloads', { distributionType: 'DOWNLOAD' }, NOW_MS, undefined],
  ] as const)('%s', (_, changed, nowMs, code) => {
    const outcome = closedFor(issuable(changed), nowMs);
    expect(outcome?.kind === 'refused' ? outcome.refusal.code : undefined).toBe(code);
  });

  it('names the start', () => {
    expect(closedFor(issuable(), from - 1)).toMatchObject({
      refusal: { details: { validFrom: new Date(from).toISOString() } },
    });
  });
});
