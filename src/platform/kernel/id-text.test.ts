import { expect, it } from 'vitest';
import { isIdText, parseId } from './id-text.ts';

it.each(['1', '42', '999999999999999999', '9223372036854775807'])('the text %s is an id', (text) => {
  expect(isIdText(text)).toBe(true);
});

it.each([
  '',
  '0',
  '01',
  '-1',
  '1.0',
  ' 1',
  '1e3',
  '9223372036854775808',
  '9999999999999999999',
  '10000000000000000000',
])('the text "%s" is no id', (text) => {
  expect(isIdText(text)).toBe(false);
});

it('an id is parsed to a bigint, and other text to undefined', () => {
  expect(parseId('9223372036854775807')).toBe(2n ** 63n - 1n);
  expect([parseId('9223372036854775808'), parseId('01'), parseId('')]).toEqual([undefined, undefined, undefined]);
});
