import { expect, test } from 'vitest';
import { API_KEY_SCOPES, type ApiKeyRecord, isLive, isUseWorthNoting, normaliseScopes } from './api-key.ts';

const NOW = new Date('2026-03-01T00:00:00.000Z');
const key = (lastUsedAt: Date | null): ApiKeyRecord => ({
  id: 1n,
  name: 'till',
  scopes: [],
  createdBy: 2n,
  createdAt: NOW,
  lastUsedAt,
  expiresAt: null,
  rateLimit: null,
  revokedAt: null,
});

test('scopes are sorted and counted once', () => {
  expect(normaliseScopes(['points:write', 'coupons:issue', 'points:write'])).toEqual(['coupons:issue', 'points:write']);
  expect(normaliseScopes(API_KEY_SCOPES)).toEqual([...API_KEY_SCOPES].sort());
  expect(normaliseScopes([])).toEqual([]);
});

test.each([['coupon:issue'], ['Coupons:issue'], ['coupons:'], ['coupons'], ['*'], ['admin '], ['__proto__'], ['']])(
  '%j is refused as a scope',
  (scope) => {
    expect(normaliseScopes([scope])).toBeUndefined();
    expect(normaliseScopes(['admin', scope])).toBeUndefined();
  },
);

test('a key is accepted until it expires or is revoked', () => {
  const later = new Date(NOW.getTime() + 1);
  expect(isLive(key(null), NOW)).toBe(true);
  expect(isLive({ ...key(null), expiresAt: later }, NOW)).toBe(true);
  expect(isLive({ ...key(null), expiresAt: NOW }, NOW)).toBe(false);
  expect(isLive({ ...key(null), revokedAt: NOW }, NOW)).toBe(false);
});

test('the last use of a key is recorded once a minute', () => {
  expect(isUseWorthNoting(key(null), NOW)).toBe(true);
  expect(isUseWorthNoting(key(NOW), new Date(NOW.getTime() + 59_999))).toBe(false);
  expect(isUseWorthNoting(key(NOW), new Date(NOW.getTime() + 60_000))).toBe(true);
});
