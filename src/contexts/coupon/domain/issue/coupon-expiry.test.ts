import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { couponExpiry } from './coupon-expiry.ts';

const iso = (text: string) => Date.parse(text);
const expires = (timezone: string, validDays: number, issuedAt: string) =>
  new Date(couponExpiry({ validDays, expireAtMs: null, timezone }, iso(issuedAt))).toISOString();

describe('couponExpiry', () => {
  it.each([
    ['Asia/Seoul', 7, '2026-03-01T03:00:00Z', '2026-03-08T15:00:00.000Z'],
    // A millisecond before and at midnight in Seoul.
    ['Asia/Seoul', 1, '2026-03-01T14:59:59.999Z', '2026-03-02T15:00:00.000Z'],
    ['Asia/Seoul', 1, '2026-03-01T15:00:00Z', '2026-03-03T15:00:00.000Z'],
    // Month and year ends, a leap day.
    ['Asia/Seoul', 1, '2026-01-31T00:00:00Z', '2026-02-01T15:00:00.000Z'],
    ['Asia/Seoul', 28, '2028-02-01T00:00:00Z', '2028-02-29T15:00:00.000Z'],
    ['Asia/Seoul', 1, '2026-12-31T00:00:00Z', '2027-01-01T15:00:00.000Z'],
    // New York changes to summer time on 2026-03-08 and back on 2026-11-01, both at 02:00.
    ['America/New_York', 1, '2026-03-07T12:00:00Z', '2026-03-09T04:00:00.000Z'],
    ['America/New_York', 1, '2026-03-06T12:00:00Z', '2026-03-08T05:00:00.000Z'],
    ['America/New_York', 1, '2026-10-31T12:00:00Z', '2026-11-02T05:00:00.000Z'],
    ['America/New_York', 1, '2026-10-30T12:00:00Z', '2026-11-01T04:00:00.000Z'],
    ['America/New_York', 30, '2026-03-01T12:00:00Z', '2026-04-01T04:00:00.000Z'],
    ['Asia/Kolkata', 1, '2026-03-01T12:00:00Z', '2026-03-02T18:30:00.000Z'],
    ['UTC', 1, '2026-03-01T23:59:59.999Z', '2026-03-03T00:00:00.000Z'],
  ])('a coupon in %s that lives %i days from %s expires at %s', (timezone, validDays, issuedAt, expected) => {
    expect(expires(timezone, validDays, issuedAt)).toBe(expected);
  });

  it('the expiry is the fixed date when the policy has one', () => {
    const expireAtMs = iso('2027-01-01T00:00:00Z');
    expect(couponExpiry({ validDays: null, expireAtMs, timezone: 'Asia/Seoul' }, 0)).toBe(expireAtMs);
  });

  it('couponExpiry throws for a policy with neither a date nor days', () => {
    expect(() => couponExpiry({ validDays: null, expireAtMs: null, timezone: 'UTC' }, 0)).toThrow();
  });

  it('the expiry is the first moment after validDays more calendar days, in any zone, also where midnight is skipped', () => {
    const zones = [
      'Asia/Seoul',
      'America/New_York',
      'Australia/Lord_Howe',
      'Africa/Cairo',
      'Asia/Beirut',
      'America/Havana',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: iso('2026-01-01T00:00:00Z'), max: iso('2030-01-01T00:00:00Z') }),
        (timezone, validDays, issuedAtMs) => {
          const expiresAtMs = couponExpiry({ validDays, expireAtMs: null, timezone }, issuedAtMs);
          const lastDay = dayNumber(timezone, issuedAtMs) + validDays;
          expect(dayNumber(timezone, expiresAtMs - 1)).toBe(lastDay);
          expect(dayNumber(timezone, expiresAtMs)).toBe(lastDay + 1);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

/** Days since the epoch of the calendar date in a zone. */
function dayNumber(timezone: string, atMs: number): number {
  let format = formats.get(timezone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: timezone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formats.set(timezone, format);
  }
  return Date.parse(`${format.format(atMs)}T00:00:00Z`) / 86_400_000;
}
const formats = new Map<string, Intl.DateTimeFormat>();
