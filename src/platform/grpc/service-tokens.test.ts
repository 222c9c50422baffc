import { expect, test } from 'vitest';
import { callClockOf } from '../../../test/support/call-clock.ts';
import { serviceTokens } from './service-tokens.ts';

const SECRET = ['s'.repeat(32)];

test('a token names its caller to the service that it is for, and is timely for 30 s', () => {
  let nowMs = 1_000_000;
  const tokens = serviceTokens(
    SECRET,
    callClockOf(() => nowMs),
  );
  const token = tokens.signer('order', 'coupon')();
  expect(tokens.callerOf(token, 'coupon')).toEqual({ name: 'order', isTimely: true });
  expect(tokens.callerOf(token, 'point')).toBeUndefined();
  nowMs += 29_999;
  expect(tokens.callerOf(token, 'coupon')).toEqual({ name: 'order', isTimely: true });
  nowMs += 1;
  expect(tokens.callerOf(token, 'coupon')).toEqual({ name: 'order', isTimely: false });
});

test('a token is timely at each time that another process may sign by', () => {
  const clock = { now: () => 1_000_000, times: () => [1_000_000, 5_000_000] };
  const isTimelyAt = (nowMs: number) =>
    serviceTokens(SECRET, clock).callerOf(
      serviceTokens(
        SECRET,
        callClockOf(() => nowMs),
      ).signer('order', 'coupon')(),
      'coupon',
    )?.isTimely;
  expect([1_000_000, 5_000_000, 3_000_000].map(isTimelyAt)).toEqual([true, true, false]);
});

test('a token is signed anew before it expires', () => {
  let nowMs = 1_000_000;
  const tokens = serviceTokens(
    SECRET,
    callClockOf(() => nowMs),
  );
  const next = tokens.signer('gateway', 'coupon');
  const first = next();
  expect(next()).toBe(first);
  nowMs += 29_000;
  expect(next()).not.toBe(first);
});

test('a token that was changed, or signed with another secret, names no service', () => {
  const clock = callClockOf(() => 1_000_000);
  const tokens = serviceTokens(SECRET, clock);
  const token = tokens.signer('order', 'coupon')();
  const others = [
    token.replace('order', 'gateway'),
    token.replace('1000000', '1000001'),
    `${token}x`,
    `${token}.x`,
    token.slice(0, -1),
    serviceTokens(['t'.repeat(32)], clock).signer('order', 'coupon')(),
    'order.coupon.1000000.',
    '',
    'x'.repeat(10_000),
  ];
  for (const other of others) expect(tokens.callerOf(other, 'coupon')).toBeUndefined();
});

test('a token of either secret is accepted while the secret is rotated, and the new one signs', () => {
  const clock = callClockOf(() => 1_000_000);
  const NEW = ['n'.repeat(32)];
  const rotating = serviceTokens([...NEW, ...SECRET], clock);
  const named = { name: 'order', isTimely: true };
  expect(rotating.callerOf(serviceTokens(SECRET, clock).signer('order', 'coupon')(), 'coupon')).toEqual(named);
  const token = rotating.signer('order', 'coupon')();
  expect(serviceTokens(NEW, clock).callerOf(token, 'coupon')).toEqual(named);
  expect(serviceTokens(SECRET, clock).callerOf(token, 'coupon')).toBeUndefined();
});
