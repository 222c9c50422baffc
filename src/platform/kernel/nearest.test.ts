import { expect, it } from 'vitest';
import { nearest } from './nearest.ts';

it.each([
  ['prod', 'production'],
  ['Production', 'production'],
  ['develpoment', 'development'],
  ['tset', 'test'],
  ['', 'test'],
])('the word nearest to %j is %s', (word, expected) => {
  expect(nearest(word, ['production', 'development', 'test'])).toBe(expected);
});

it('nothing is nearest among no candidates', () => {
  expect(nearest('word', [])).toBeUndefined();
});
