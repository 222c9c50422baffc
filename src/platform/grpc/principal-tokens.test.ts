import { expect, test } from 'vitest';
import { callClockOf } from '../../../test/support/call-clock.ts';
import { Unavailable } from '../kernel/refusal.ts';
import { principalCheck, principalKey, principalSigner, publicKeyText, readPublicKey } from './principal-tokens.ts';

const KEY = principalKey('s'.repeat(32));
const OWNER = { userId: 9_007_199_254_740_993n, role: 'OWNER' };

function publicKeyOf(text: string) {
  const key = readPublicKey(text);
  if (key === undefined) throw new Error('it is no key');
  return key;
}

test('a process with the public key reads the principal of a token, for 30 s', () => {
  let nowMs = 1_000_000;
  const clock = () => nowMs;
  const isPrincipal = principalCheck([publicKeyOf(publicKeyText(KEY))], callClockOf(clock));
  const token = principalSigner(KEY, clock)(OWNER);
  expect(isPrincipal(OWNER, token)).toBe(true);
  for (const other of [
    { ...OWNER, role: 'ADMIN' },
    { ...OWNER, userId: 1n },
    { userId: 0n, role: '' },
  ]) {
    expect(isPrincipal(other, token)).toBe(false);
  }
  nowMs += 29_999;
  expect(isPrincipal(OWNER, token)).toBe(true);
  nowMs += 1;
  expect(() => isPrincipal(OWNER, token)).toThrow(Unavailable);
  nowMs -= 60_000;
  expect(() => isPrincipal(OWNER, token)).toThrow(Unavailable);
});

test('a token is signed anew before it expires, for each principal', () => {
  let nowMs = 1_000_000;
  const signer = principalSigner(KEY, () => nowMs);
  const first = signer(OWNER);
  expect(signer(OWNER)).toBe(first);
  expect(signer({ ...OWNER, role: 'CUSTOMER' })).not.toBe(first);
  nowMs += 29_000;
  expect(signer(OWNER)).not.toBe(first);
});

test('a token that was changed, or signed with another key, names no principal', () => {
  const clock = () => 1_000_000;
  const isPrincipal = principalCheck([publicKeyOf(publicKeyText(KEY))], callClockOf(clock));
  const token = principalSigner(KEY, clock)(OWNER);
  const others = [
    token.replace('1000000', '1000001'),
    token.replace('1000000', 'NaN'),
    `${token}x`,
    `${token}=`,
    `${token}.x`,
    token.slice(0, -1),
    principalSigner(principalKey('t'.repeat(32)), clock)(OWNER),
    '9007199254740993.OWNER.1000000.',
    '',
    'x'.repeat(10_000),
  ];
  for (const other of others) expect(isPrincipal(OWNER, other)).toBe(false);
});

test.each(['', 'x', publicKeyText(KEY).slice(0, -1), `${publicKeyText(KEY)}=`, `${publicKeyText(KEY)}A`])(
  '%o is not read as a public key',
  (text) => {
    expect(readPublicKey(text)).toBeUndefined();
  },
);
