import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSubject } from '../../../platform/kernel/subject.ts';
import {
  EXTERNAL_ID_MAX,
  EXTERNAL_ID_PATTERN,
  escapedExternalId,
  externalIdOf,
  parseExternalId,
} from './external-user.ts';

describe('the external id of a user', () => {
  it.each([
    ['b7c1e2d3-0000-4a5b-8c6d-7e8f90a1b2c3', 'ext:kc:b7c1e2d3-0000-4a5b-8c6d-7e8f90a1b2c3'],
    ['auth0|5f7c', 'ext:kc:auth0|5f7c'],
    ['a:b/c d', 'ext:kc:a%3Ab%2Fc%20d'],
    ["it's (*)!", 'ext:kc:it%27s%20%28%2A%29%21'],
    ['민지', 'ext:kc:%EB%AF%BC%EC%A7%80'],
  ])('escapes what URLs and CSV files do not carry: %s', (subject, text) => {
    expect(externalIdOf({ issuer: 'kc', subject })).toBe(text);
  });

  it('returns the same issuer and subject when it is parsed, whatever the subject', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 255 }), (subject) => {
        fc.pre(isSubject(subject));
        const text = externalIdOf({ issuer: 'shop-1', subject });
        expect(text.length).toBeLessThanOrEqual(EXTERNAL_ID_MAX);
        expect(parseExternalId(text)).toEqual({ issuer: 'shop-1', subject });
        expect(text).toMatch(EXTERNAL_ID_PATTERN);
        expect(parseExternalId(escapedExternalId(text))).toEqual({ issuer: 'shop-1', subject });
      }),
    );
  });

  it.each([
    'ext:kc',
    'ext:kc:',
    'ext:KC:a',
    'ext:-kc:a',
    'kc:a',
    'ext:kc:%',
    'ext:kc:%00',
    'ext:kc:a%0Ab',
    'ext:kc:a b',
    'ext:kc:a,b',
    'ext:kc:a:b',
    'ext:kc:a, ext:kc:b',
    'ext:kc:민지',
    'ext:kc:ë¯¼',
    `ext:kc:${'a'.repeat(256)}`,
  ])('is no external id: %s', (text) => {
    expect(parseExternalId(text)).toBeUndefined();
  });

  it('may have escapes that it does not need', () => {
    expect(parseExternalId('ext:kc:%61')).toEqual({ issuer: 'kc', subject: 'a' });
    expect(parseExternalId('ext:kc:%7c')).toEqual({ issuer: 'kc', subject: '|' });
  });

  it.each([
    ['ext:kc:a/b:c', 'ext:kc:a%2Fb%3Ac'],
    ['ext:kc:a%2Fb:c', 'ext:kc:a%2Fb%3Ac'],
    ['ext:kc:민지, 1', 'ext:kc:%EB%AF%BC%EC%A7%80%2C%201'],
    ['ext:kc:\uD800', 'ext:kc:\uD800'],
    ['7330011234567890', '7330011234567890'],
    ['', ''],
  ])('has its escapes again after a router decoded it: %s', (decoded, text) => {
    expect(escapedExternalId(decoded)).toBe(text);
  });
});
