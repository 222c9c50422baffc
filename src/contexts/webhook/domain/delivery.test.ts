import { expect, test } from 'vitest';
import { HOUR_MS } from '../../../platform/kernel/durations.ts';
import { attemptOf } from './attempt.ts';
import { bodyText, messageIdOf, RETRY_DELAYS_MS, retryDelayMs, withExternalId } from './delivery.ts';
import { publicTopics, subjectOf } from './topics.ts';

const NOW = Date.parse('2030-01-01T00:00:00Z');

test('a delivery is tried eleven times within 76 hours', () => {
  expect([1, 10, 11].map(retryDelayMs)).toEqual([5_000, 24 * HOUR_MS, undefined]);
  expect(Math.round(RETRY_DELAYS_MS.reduce((sum, ms) => sum + ms, 0) / HOUR_MS)).toBe(76);
});

test.each([
  [200, 'DELIVERED'],
  [299, 'DELIVERED'],
  [410, 'GONE'],
  [199, 'FAILED'],
  [301, 'FAILED'],
  [404, 'FAILED'],
  [500, 'FAILED'],
])('the status %i of a receiver means %s', (status, kind) => {
  expect(attemptOf(status, undefined, NOW).kind).toBe(kind);
});

test.each([
  [429, '60', 60_000],
  [503, 'Tue, 01 Jan 2030 00:00:30 GMT', 30_000],
  [503, 'Tue, 01 Jan 2019 00:00:30 GMT', undefined],
  [503, 'soon', undefined],
  [500, '60', undefined],
])('the status %i with Retry-After %s pauses for %s ms', (status, retryAfter, pauseMs) => {
  expect(attemptOf(status, retryAfter, NOW)).toMatchObject({ kind: 'FAILED', pauseMs });
});

test('a body has the members of Standard Webhooks, and the external id beside the id of the user', () => {
  const data = withExternalId({ couponId: '1', userId: '42', status: 'ISSUED' }, new Map([['42', 'ada']]));
  expect(Object.keys(data)).toEqual(['couponId', 'userId', 'externalId', 'status']);
  expect(withExternalId({ userId: '43' }, new Map([['42', 'ada']]))).toEqual({ userId: '43' });
  expect(withExternalId({ policyId: '1' }, new Map([['undefined', 'ada']]))).toEqual({ policyId: '1' });
  const opened = withExternalId({ storeId: '1', ownerId: '42', name: 'Sol' }, new Map([['42', 'ada']]));
  expect(Object.keys(opened)).toEqual(['storeId', 'ownerId', 'ownerExternalId', 'name']);
  const text = bodyText({ type: 'coupon.issued', timestamp: '2030-01-01T00:00:00Z', eventId: 'e', data });
  expect(Object.keys(JSON.parse(text))).toEqual(['type', 'timestamp', 'eventId', 'data']);
});

test('the id of a message is of its endpoint and event alone', () => {
  expect(messageIdOf(1n, 'a-2:0')).toBe(messageIdOf(1n, 'a-2:0'));
  expect(new Set([messageIdOf(1n, 'a'), messageIdOf(2n, 'a'), messageIdOf(1n, 'b')]).size).toBe(3);
});

test('topics of audits and signed topics are not public, and a subject has the name of its key', () => {
  const topics = {
    'coupon.issued': { key: 'couponId' },
    'audit.recorded': { key: 'actor' },
    'payment.completed.v1': { key: 'orderId', isSigned: true as const },
  };
  expect(publicTopics(topics)).toEqual(['coupon.issued']);
  expect(subjectOf(topics, 'coupon.issued', '42')).toBe('couponId:42');
});
