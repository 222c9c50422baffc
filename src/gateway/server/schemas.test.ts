import { expect, it } from 'vitest';
import { requiredInstant } from './schemas.ts';

it('a required date is written as an instant in UTC', () => {
  expect(requiredInstant(new Date('2026-01-01T10:00:00+09:00'))).toBe('2026-01-01T01:00:00.000Z');
});

it('a required date that is absent fails instead of making an invalid response', () => {
  expect(() => requiredInstant(undefined)).toThrow('without a date');
});
