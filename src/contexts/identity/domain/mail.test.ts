import { expect, test } from 'vitest';
import { contentOf, isGivenUp, MAIL_LIFE_MS, retryAfterMs } from './mail.ts';

const account = { userId: 1n, name: 'Ada', isActive: true, isVerified: true, hasPassword: true, consentAt: null };
const unverified = { ...account, isVerified: false };
const unclaimed = { ...unverified, hasPassword: false };
const locked = { ...account, isActive: false };

test.each([
  ['SIGN_UP', 'a verified account', account, 'ALREADY_SIGNED_UP'],
  ['SIGN_UP', 'an account that is not verified', unverified, 'VERIFY_EMAIL'],
  ['SIGN_UP', 'an account without a password', unclaimed, 'CHOOSE_PASSWORD'],
  ['SIGN_UP', 'a verified account without a password', { ...unclaimed, isVerified: true }, 'CHOOSE_PASSWORD'],
  ['SIGN_UP', 'a locked account without a password', { ...unclaimed, isActive: false }, undefined],
  ['SIGN_UP', 'a locked account', locked, undefined],
  ['SIGN_UP', 'no account', undefined, undefined],
  ['VERIFY_EMAIL', 'a verified account', account, undefined],
  ['VERIFY_EMAIL', 'an account that is not verified', unverified, 'VERIFY_EMAIL'],
  ['VERIFY_EMAIL', 'an account without a password', unclaimed, 'CHOOSE_PASSWORD'],
  ['VERIFY_EMAIL', 'a locked account that is not verified', { ...unverified, isActive: false }, undefined],
  ['VERIFY_EMAIL', 'no account', undefined, undefined],
  ['RESET_PASSWORD', 'a verified account', account, 'RESET_PASSWORD'],
  ['RESET_PASSWORD', 'an account that is not verified', unverified, 'RESET_PASSWORD'],
  ['RESET_PASSWORD', 'an account without a password', unclaimed, 'CHOOSE_PASSWORD'],
  ['RESET_PASSWORD', 'a locked account', locked, undefined],
  ['RESET_PASSWORD', 'no account', undefined, undefined],
] as const)('a request %s for %s becomes the right mail, or none', (kind, _, of, content) => {
  expect(contentOf(kind, of)).toBe(content);
});

test('attempts follow each other after 5 s, then ever later, and 10 minutes at most', () => {
  expect([1, 2, 3, 4, 5, 100].map(retryAfterMs)).toEqual([5_000, 20_000, 80_000, 320_000, 600_000, 600_000]);
});

test('a mail is given up a day after its request', () => {
  expect(isGivenUp(new Date(0), new Date(MAIL_LIFE_MS))).toBe(false);
  expect(isGivenUp(new Date(0), new Date(MAIL_LIFE_MS + 1))).toBe(true);
});
