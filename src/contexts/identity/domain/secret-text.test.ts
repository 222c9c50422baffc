import fc from 'fast-check';
import { expect, test } from 'vitest';
import { API_KEY_PREFIX, formatSecret, parseSecret, REFRESH_PREFIX } from './secret-text.ts';

const SECRET = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64url'));
const ID = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n });

test('a formatted secret is parsed into the same values', () => {
  fc.assert(
    fc.property(fc.constantFrom(API_KEY_PREFIX, REFRESH_PREFIX), ID, SECRET, (prefix, id, secret) => {
      expect(parseSecret(prefix, formatSecret(prefix, { id, secret }))).toEqual({ id, secret });
    }),
  );
});

const secret = '-'.repeat(20) + '_'.repeat(23);

test('a refresh token is not parsed as an API key, nor an API key as a refresh token', () => {
  expect(parseSecret(API_KEY_PREFIX, formatSecret(REFRESH_PREFIX, { id: 1n, secret }))).toBeUndefined();
  expect(parseSecret(REFRESH_PREFIX, formatSecret(API_KEY_PREFIX, { id: 1n, secret }))).toBeUndefined();
});

test.each([
  '',
  `sk_stampede_${secret}`,
  `sk_stampede_0_${secret}`,
  `sk_stampede_01_${secret}`,
  `sk_stampede_9223372036854775808_${secret}`,
  `sk_stampede_1_${secret.slice(1)}`,
  `sk_stampede_1_${secret}a`,
  `sk_stampede_1_${secret}\n`,
  `SK_STAMPEDE_1_${secret}`,
  `sk_stampede_1_${'é'.repeat(43)}`,
  'sk_'.repeat(100_000),
])('the secret %j is refused before any look-up', (text) => expect(parseSecret(API_KEY_PREFIX, text)).toBeUndefined());
