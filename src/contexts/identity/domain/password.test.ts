import { expect, test } from 'vitest';
import { normalisePassword } from './password.ts';

test.each([
  ['123456789', false],
  ['1234567890', true],
  ['가'.repeat(9), false],
  ['가'.repeat(10), true],
  ['🔑'.repeat(9), false],
  ['🔑'.repeat(128), true],
  ['x'.repeat(128), true],
  ['x'.repeat(129), false],
  ['long enough\0', false],
  ['long enough \ud83d', false],
])('whether the password %j is accepted: %s', (text, acceptable) => {
  expect(normalisePassword(text) !== undefined).toBe(acceptable);
});

test('one word typed on different keyboards is one password', () => {
  expect(normalisePassword('비밀번호를잊었어요네'.normalize('NFD'))).toBe('비밀번호를잊었어요네');
});

test('blanks are part of a password', () => {
  expect(normalisePassword(' two words ')).toBe(' two words ');
});
