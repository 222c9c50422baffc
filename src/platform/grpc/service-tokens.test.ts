import { expect, test } from 'vitest';
import { serviceTokens } from './service-tokens.ts';

const SECRET = 's'.repeat(32);

test('a token names its caller to the service that it is for, for 30 s', () => {
  let nowMs = 1_000_000;
  const tokens = serviceTokens(SECRET, () => nowMs);
  const token = tokens.signer('order', 'coupon')();
  expect(tokens.callerOf(token, 'coupon')).toBe('order');
  expect(tokens.callerOf(token, 'point')).toBeUndefined();
  nowMs += 29_999;
  expect(tokens.callerOf(token, 'coupon')).toBe('order');
  nowMs += 1;
  expect(tokens.callerOf(token, 'coupon')).toBeUndefined();
});

test('a token is signed anew before it expires', () => {
  let nowMs = 1_000_000;
  const tokens = serviceTokens(SECRET, () => nowMs);
  const next = tokens.signer('gateway', 'coupon');
  const first = next();
  expect(next()).toBe(first);
  nowMs += 29_000;
  expect(next()).not.toBe(first);
});

test('a token that was changed, or signed with another secret, names nobody', () => {
  const clock = () => 1_000_000;
  const tokens = serviceTokens(SECRET, clock);
  const token = tokens.signer('order', 'coupon')();
  const others = [
    token.replace('order', 'gateway'),
    token.replace('1000000', '1000001'),
    `${token}x`,
    `${token}.x`,
    token.slice(0, -1),
    serviceTokens('t'.repeat(32), clock).signer('order', 'coupon')(),
    'order.coupon.1000000.',
    '',
    'x'.repeat(10_000),
  ];
  for (const other of others) expect(tokens.callerOf(other, 'coupon')).toBeUndefined();
});
