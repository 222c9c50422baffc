import { expect, test } from 'vitest';
import { leaveAtMs, MARKETING_QUIET } from './quiet-hours.ts';

const leave = (now: string, timezone = 'Asia/Seoul', quiet = MARKETING_QUIET, userId = 0n) =>
  new Date(leaveAtMs(Date.parse(now), timezone, quiet, userId)).toISOString();

test.each([
  ['2026-03-01T20:59:59+09:00', '2026-03-01T11:59:59.000Z'],
  ['2026-03-01T21:00:00+09:00', '2026-03-01T23:00:00.000Z'],
  ['2026-03-02T00:00:00+09:00', '2026-03-01T23:00:00.000Z'],
  ['2026-03-02T07:59:59+09:00', '2026-03-01T23:00:00.000Z'],
  ['2026-03-02T08:00:00+09:00', '2026-03-01T23:00:00.000Z'],
])('marketing of %s leaves at %s', (now, expected) => expect(leave(now)).toBe(expected));

test('quiet hours are those of the user’s time zone', () => {
  expect(leave('2026-03-01T21:30:00+09:00', 'Europe/Berlin')).toBe('2026-03-01T12:30:00.000Z');
});

test('the end of quiet hours is right in a night in which daylight saving time begins', () => {
  expect(leave('2026-03-28T22:00:00+01:00', 'Europe/Berlin')).toBe('2026-03-29T06:00:00.000Z');
});

test('quiet hours may lie within a day', () => {
  const lunch = { from: '12:00', until: '13:00' };
  expect(leave('2026-03-01T12:30:00+09:00', 'Asia/Seoul', lunch)).toBe('2026-03-01T04:00:00.000Z');
  expect(leave('2026-03-01T13:00:00+09:00', 'Asia/Seoul', lunch)).toBe('2026-03-01T04:00:00.000Z');
});

test('what waits for the morning is spread over an hour, each user at the same time', () => {
  expect(leave('2026-03-01T22:00:00+09:00', 'Asia/Seoul', MARKETING_QUIET, 1_800_000n)).toBe(
    '2026-03-01T23:30:00.000Z',
  );
});
