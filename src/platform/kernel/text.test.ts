import { expect, it } from 'vitest';
import { isBlank, isText, textRule } from './text.ts';

it('the rule for texts accepts printable text from the shortest to the longest length', () => {
  expect(['', 'a', 'ab', 'abc', 'abcd'].filter((text) => isText(text, 1, 3))).toEqual(['a', 'ab', 'abc']);
  expect(isText('', 0, 3)).toBe(true);
  expect(isText('쿠폰 🎫', 1, 5)).toBe(true);
});

it.each(['a\nb', 'a\u0000', '\u007f', '\u0085', 'a\ud83c', 'a\u202eb', 'a\u2066b', 'a\u2028b'])(
  'the rule for texts refuses %j, which cannot be printed',
  (text) => {
    expect(isText(text, 0, 10)).toBe(false);
  },
);

it('the message of the rule for texts states its limits', () => {
  expect(textRule(1, 50)).toBe('must be 1 to 50 printable characters');
  expect(textRule(0, 500)).toBe('must be at most 500 printable characters');
});

it.each(['', '  ', '\u200b', '\u3164\uffa0', '\ufeff\u2060', '\u2800', '\u{e0041}', '\u00ad'])(
  'a text of %j is blank, because it is invisible',
  (text) => expect(isBlank(text)).toBe(true),
);

it.each(['a', ' 쿠폰 ', '👩‍👩‍👧', '\u200ba', '.'])('a text of %j is not blank', (text) =>
  expect(isBlank(text)).toBe(false),
);
