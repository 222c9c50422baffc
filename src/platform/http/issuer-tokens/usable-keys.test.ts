import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { usableKeys } from './usable-keys.ts';

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const good = { ...ec.publicKey.export({ format: 'jwk' }), kid: 'good' };
const rsa = (bits: number) => generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' });

describe('the usable keys of a document', () => {
  it('usable keys are public keys of the type of an algorithm, for signatures', () => {
    expect(usableKeys({ keys: [good, { ...good, use: 'sig', alg: 'ES256' }] }, ['ES256'])).toHaveLength(2);
    expect(usableKeys({ keys: [rsa(2_048)] }, ['RS256'])).toHaveLength(1);
    expect(usableKeys({ keys: [rsa(2_048)] }, ['PS256'])).toHaveLength(1);
  });

  it.each<readonly [string, object]>([
    ['a shared secret', { kty: 'oct', k: 'AAAA' }],
    ['a private key', ec.privateKey.export({ format: 'jwk' })],
    ['a key for encryption', { ...good, use: 'enc' }],
    ['a key of another algorithm', { ...good, alg: 'ES384' }],
    ['another curve', { ...generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' }) }],
    ['a key of another type', rsa(2_048)],
  ])('usable keys are none of these: %s', (_, key) => {
    expect(usableKeys({ keys: [key] }, ['ES256'])).toEqual([]);
  });

  it('usable keys are no RSA keys below 2,048 bits', () => {
    expect(usableKeys({ keys: [rsa(1_024)] }, ['RS256'])).toEqual([]);
  });

  it('usable keys are at most 32', () => {
    expect(usableKeys({ keys: Array.from({ length: 100 }, () => good) }, ['ES256'])).toHaveLength(32);
  });

  it('a document that is no set of keys is refused', () => {
    for (const document of [null, [], {}, { keys: {} }, { keys: ['a'] }])
      expect(() => usableKeys(document, ['ES256'])).toThrow();
  });
});
