import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { canonicalZone, localHour, zoneOffset } from './time-zone.ts';

const iso = (text: string) => Date.parse(text);

describe('zoneOffset', () => {
  it.each([
    ['UTC', 0],
    ['Asia/Seoul', 540],
    ['Asia/Kolkata', 330],
    ['America/St_Johns', -210],
  ])('zoneOffset of %s is %i minutes in winter', (timezone, minutes) => {
    expect(zoneOffset(timezone, iso('2026-01-15T00:00:00Z'))).toBe(minutes * 60_000);
  });

  it('zoneOffset throws for a zone that does not exist', () => {
    expect(() => zoneOffset('Asia/Atlantis', 0)).toThrow(RangeError);
  });

  it('zoneOffset keeps no format for each spelling of a zone', () => {
    const made = vi.spyOn(Intl, 'DateTimeFormat');
    const spellings = spellingsOf('America/Argentina/Catamarca', 1_000);
    for (const timezone of spellings) zoneOffset(timezone, 0);
    made.mockClear();
    zoneOffset(spellings[0] ?? '', 3_600_000);
    expect(made).toHaveBeenCalledTimes(1);
    made.mockRestore();
  });
});

describe('canonicalZone', () => {
  it('has one spelling for each zone, and none for one that does not exist', () => {
    expect(spellingsOf('Asia/Seoul', 100).map(canonicalZone)).toEqual(Array(100).fill('Asia/Seoul'));
    expect(canonicalZone('Asia/Atlantis')).toBeUndefined();
  });
});

/** The zone with the bits of 0, 1, … as capitals. */
const spellingsOf = (zone: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, bits) =>
    [...zone.toLowerCase()].map((char, at) => ((bits >> at) & 1 ? char.toUpperCase() : char)).join(''),
  );

describe('localHour', () => {
  it('localHour returns the local day and hour, and a start at most an hour earlier', () => {
    const zone = fc.constantFrom(
      'UTC',
      'Asia/Seoul',
      'Asia/Kathmandu',
      'America/New_York',
      'America/St_Johns',
      'Australia/Lord_Howe',
      'Pacific/Chatham',
      'Pacific/Kiritimati',
    );
    const instant = fc.integer({ min: iso('2024-01-01T00:00:00Z'), max: iso('2034-01-01T00:00:00Z') });
    fc.assert(
      fc.property(zone, instant, (timezone, atMs) => {
        const { day, hour, startsAtMs } = localHour(timezone, atMs);
        const options = { timeZone: timezone, dateStyle: 'short', timeStyle: 'medium' } as const;
        const shown = new Intl.DateTimeFormat('sv-SE', options).format(atMs);
        expect(shown.slice(0, 13)).toBe(`${day} ${String(hour).padStart(2, '0')}`);
        expect(startsAtMs).toBeLessThanOrEqual(atMs);
        expect(startsAtMs + 3_600_000).toBeGreaterThan(atMs);
      }),
    );
  });

  it('localHour distinguishes the two hours at the end of daylight saving time', () => {
    const first = localHour('America/New_York', iso('2026-11-01T05:30:00Z'));
    const second = localHour('America/New_York', iso('2026-11-01T06:30:00Z'));
    expect(first).toEqual({ day: '2026-11-01', hour: 1, startsAtMs: iso('2026-11-01T05:00:00Z') });
    expect(second).toEqual({ day: '2026-11-01', hour: 1, startsAtMs: iso('2026-11-01T06:00:00Z') });
  });
});
