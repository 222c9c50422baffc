import { expect, it } from 'vitest';
import { isIdText } from './id-text.ts';

it.each(['1', '42', '999999999999999999', '9223372036854775807'])('%s is an id', (text) => {
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
])('"%s" is no id', (text) => {
  expect(isIdText(text)).toBe(false);
});
