import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMAIL_MAX, normaliseEmail } from './email.ts';

describe('e-mail addresses', () => {
  test.each([
    ['Ada@Example.COM', 'ada@example.com'],
    ['  ada@example.com ', 'ada@example.com'],
    ['ａｄａ＠example.com', 'ada@example.com'],
    ['o’neil+tag@mail.example.co.kr', 'o’neil+tag@mail.example.co.kr'],
    ['\u1112\u1161\u11ab@\u1112\u1161\u11ab.kr', '한@한.kr'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('the e-mail address %j is stored as %j', (text, stored) => expect(normaliseEmail(text)).toBe(stored));

  test.each([
    '',
    'ada',
    'ada@',
    '@example.com',
    'ada@localhost',
    'ada@-example.com',
    'ada@example..com',
    'a b@example.com',
    'ada@example.com\r\nBcc: all@example.com',
    'ada\u200b@example.com',
    'ada\0@example.com',
    '"a"@example.com',
    '<ada@example.com>',
    'a@b@example.com',
    '.ada@example.com',
    'deleted-1@deleted.invalid',
    'Ada@DELETED.invalid',
    'a..da@example.com',
    'ada@example.com\ud800',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b.'.repeat(130)}com`,
  ])('%j is refused as an e-mail address', (text) => expect(normaliseEmail(text)).toBeUndefined());

  test('normalising an e-mail address again changes nothing, and no limit is exceeded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 70 }), (local) => {
        const email = normaliseEmail(`${local}@example.com`);
        if (email === undefined) return;
        expect(normaliseEmail(email)).toBe(email);
        expect(email.length).toBeLessThanOrEqual(EMAIL_MAX);
      }),
    );
  });

  test('the case of an e-mail address never matters', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (email) => {
        expect(normaliseEmail(email.toUpperCase())).toBe(normaliseEmail(email.toLowerCase()));
      }),
    );
  });
});
