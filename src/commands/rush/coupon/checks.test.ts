import { expect, test } from 'vitest';
import type { History } from '../history.ts';
import { checkHistory, type StoredCoupon } from './checks.ts';
import type { Coupon, CouponOutcome } from './issue-profile.ts';

const issued = (number: number): CouponOutcome => ({
  client: number,
  step: 0,
  user: `u${number}`,
  status: 201,
  code: undefined,
  data: { couponId: `c${number}`, sequenceNo: number },
  beganMs: number,
  firstSentMs: number,
  sentMs: number,
  respondedMs: number + 0.5,
  attempts: 1,
});
const stored = (number: number): StoredCoupon => ({ id: `c${number}`, userId: `u${number}`, sequenceNo: number });
const historyOf = (outcomes: readonly CouponOutcome[]): History<Coupon> => ({
  outcomes,
  unanswered: 0,
  retries: { transport: 0, busy: 0 },
});
const THREE = [issued(1), issued(2), issued(3)];
const STORED = [stored(1), stored(2), stored(3)];
const wrong = (outcomes: readonly CouponOutcome[], coupons: readonly StoredCoupon[], due = 3): string[] =>
  checkHistory(historyOf(outcomes), coupons, due).flatMap(({ name, ok }) => (ok ? [] : [name]));

test('a history that agrees with the database passes every check', () => {
  expect(wrong(THREE, STORED)).toEqual([]);
});

test('a coupon from a repeat after a lost response counts as acknowledged', () => {
  const repeated = { ...issued(3), status: 409, code: 'COUPON_ALREADY_ISSUED', attempts: 2 };
  expect(wrong([issued(1), issued(2), repeated], STORED)).toEqual([]);
});

test('one coupon too many is found, acknowledged or only stored', () => {
  expect(wrong([...THREE, issued(4)], [...STORED, stored(4)])).toEqual(['exactly the available coupons']);
  expect(wrong(THREE, [...STORED, stored(4)])).toEqual(['exactly the available coupons']);
});

test('a second coupon of the same user is found', () => {
  const twice = { ...issued(3), user: 'u1' };
  expect(wrong([issued(1), issued(2), twice], [stored(1), stored(2), { ...stored(3), userId: 'u1' }])).toEqual([
    'one coupon per user',
  ]);
});

test('a gap in the sequence is found', () => {
  const gap = { ...issued(4), data: { couponId: 'c3', sequenceNo: 4 } };
  expect(wrong([issued(1), issued(2), gap], [stored(1), stored(2), { ...stored(4), id: 'c3' }])).toContain(
    'sequence without gaps',
  );
});

test('an acknowledged coupon that is missing, or is another user’s, is found', () => {
  expect(wrong(THREE, [stored(1), stored(2)])).toContain('every acknowledged coupon in the database');
  expect(wrong(THREE, [stored(1), stored(2), { ...stored(3), userId: 'u9' }])).toEqual([
    'every acknowledged coupon in the database',
  ]);
});

test('a smaller number for a request that was sent after another response is found', () => {
  const early = { ...issued(2), firstSentMs: 0, sentMs: 0, respondedMs: 0.4 };
  const late = { ...issued(1), firstSentMs: 1, sentMs: 1 };
  expect(wrong([early, late, issued(3)], STORED)).toEqual(['numbers in order of arrival']);
  const together = { ...early, respondedMs: 1.2 };
  expect(wrong([together, late, issued(3)], STORED)).toEqual([]);
});
