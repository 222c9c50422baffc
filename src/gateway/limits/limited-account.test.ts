import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accountOfEmail, accountOfUser } from './limited-account.ts';

test('docs/attacks.md 91: no text that is sent as an e-mail address counts for a user', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.bigInt().map((id) => `user ${id}`),
    fc.bigInt().map((id) => `\uff55ser ${id}@example.com`),
  );
  fc.assert(
    fc.property(texts, fc.bigInt(), (text, id) => {
      expect(accountOfEmail(text)).not.toBe(accountOfUser(id));
      expect(accountOfEmail(`user ${id}`)).not.toBe(accountOfUser(id));
    }),
  );
});

test('an address is one account in all its spellings, and text that is no address is none of an address', () => {
  expect(accountOfEmail(' ADA@Example.com ')).toBe(accountOfEmail('ada@example.com'));
  expect(accountOfEmail('text ada@example.com')).not.toBe(accountOfEmail('ada@example.com'));
  expect(accountOfEmail('text text nobody')).not.toBe(accountOfEmail('text nobody'));
});
