import { expect, test } from 'vitest';
import { type ApiKeyRecord, isUseWorthNoting, normaliseScopes, SCOPES_MAX } from './api-key.ts';

const NOW = new Date('2026-03-01T00:00:00.000Z');
const key = (lastUsedAt: Date | null): ApiKeyRecord => ({
  id: 1n,
  name: 'till',
  scopes: [],
  createdBy: 2n,
  createdAt: NOW,
  lastUsedAt,
  revokedAt: null,
});

test('scopes are sorted and counted once', () => {
  expect(normaliseScopes(['point', 'coupon:issue', 'point'])).toEqual(['coupon:issue', 'point']);
  expect(normaliseScopes([])).toEqual([]);
});

test.each([['Coupon'], ['coupon:'], ['a:b:c'], ['*'], ['a b'], ['__proto__'], ['x'.repeat(33)]])(
  '%j is refused as a scope',
  (scope) => {
    expect(normaliseScopes([scope])).toBeUndefined();
  },
);

test('the number of scopes is bounded', () => {
  const scopes = Array.from({ length: SCOPES_MAX + 1 }, (_, index) => `scope-${index}`);
  expect(normaliseScopes(scopes)).toBeUndefined();
  expect(normaliseScopes(scopes.slice(1))).toHaveLength(SCOPES_MAX);
});

test('the last use of a key is recorded once a minute', () => {
  expect(isUseWorthNoting(key(null), NOW)).toBe(true);
  expect(isUseWorthNoting(key(NOW), new Date(NOW.getTime() + 59_999))).toBe(false);
  expect(isUseWorthNoting(key(NOW), new Date(NOW.getTime() + 60_000))).toBe(true);
});
