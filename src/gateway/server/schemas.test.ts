import { expect, it } from 'vitest';
import { Instant, plainText, requiredInstant, requiredText } from './schemas.ts';

it('a required date is written as an instant in UTC', () => {
  expect(requiredInstant(new Date('2026-01-01T10:00:00+09:00'))).toBe('2026-01-01T01:00:00.000Z');
});

it('a required date that is absent fails instead of making an invalid response', () => {
  expect(() => requiredInstant(undefined)).toThrow('without a date');
});

it.each([
  ['1970-01-01T00:00:00Z', true],
  ['9999-12-31T23:59:59.999Z', true],
  ['1970-01-01T00:00:00+09:00', false],
  ['9999-12-31T23:59:59-09:00', false],
  ['0001-01-01T00:00:00Z', false],
])('whether the instant %s is accepted is %s', (text, isAccepted) => {
  expect(Instant.safeParse(text).success).toBe(isAccepted);
});

it('a text is brought to NFC before its length is checked', () => {
  expect(plainText(2).parse('쿠폰'.normalize('NFD'))).toBe('쿠폰');
  expect(plainText(2).safeParse('쿠폰!').success).toBe(false);
});

it('a required text has a character that is seen, and none that turns the text around it', () => {
  for (const text of ['\u200b', '\u3164', 'a\u202eb', 'a\ud800']) {
    expect([text, requiredText(10).safeParse(text).success]).toEqual([text, false]);
  }
});
