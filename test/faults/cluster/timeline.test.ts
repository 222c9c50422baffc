import { expect, it } from 'vitest';
import { isBack, recovery } from './timeline.ts';

const every = (ms: number, fromMs: number, toMs: number): number[] =>
  Array.from({ length: Math.floor((toMs - fromMs) / ms) }, (_, index) => fromMs + index * ms);
const MOMENTS = { warmMs: 0, beginMs: 10_000, endMs: 20_000, untilMs: 40_000 };

it('a recovery counts from the end of the fault to the next success, and to nine tenths of the rate before', () => {
  const successes = [...every(100, 0, 11_000), ...every(200, 23_000, 26_000), ...every(100, 26_000, 40_000)];
  const { before, lowest, longestGapMs, firstMs, backMs } = recovery(
    { successes, attempts: [], arrivals: 10 },
    MOMENTS,
  );
  expect({ before, lowest, longestGapMs, firstMs }).toEqual({
    before: 10,
    lowest: 0,
    longestGapMs: 12_100,
    firstMs: 3_000,
  });
  // Two seconds that begin here have nine tenths.
  expect(backMs).toBe(5_750);
});

it('a load that the fault does not reach is back at once', () => {
  const successes = every(100, 0, 40_000);
  expect(recovery({ successes, attempts: [], arrivals: 10 }, MOMENTS)).toMatchObject({
    lowest: 1,
    firstMs: 0,
    backMs: 0,
  });
});

it('a load that catches up before the fault counts with the users that come', () => {
  const successes = [...every(50, 0, 10_000), ...every(100, 10_000, 40_000)];
  expect(recovery({ successes, attempts: [], arrivals: 10 }, MOMENTS)).toMatchObject({
    before: 10,
    lowest: 1,
    backMs: 0,
  });
});

it('a load that does not come back has no time of recovery', () => {
  const successes = [...every(100, 0, 10_000), 30_000];
  const { firstMs, backMs } = recovery({ successes, attempts: [], arrivals: 10 }, MOMENTS);
  expect({ firstMs, backMs }).toEqual({ firstMs: 10_000, backMs: undefined });
});

it('a rate that falls again after the recovery delays it', () => {
  const successes = [...every(100, 0, 10_000), ...every(100, 20_000, 24_000), ...every(100, 30_000, 40_000)];
  expect(recovery({ successes, attempts: [], arrivals: 10 }, MOMENTS).backMs).toBe(9_750);
});

it('a recovery from a kill counts until the end of the pause, whatever was in flight at the kill', () => {
  const killed = { ...MOMENTS, endMs: MOMENTS.beginMs };
  const successes = [...every(100, 0, 10_300), ...every(100, 14_000, 40_000)];
  expect(recovery({ successes, attempts: [], arrivals: 10 }, killed).firstMs).toBe(4_000);
  expect(recovery({ successes: every(100, 0, 40_000), attempts: [], arrivals: 10 }, killed).firstMs).toBe(0);
});

it('what was in flight at a kill is not its recovery, even when the load catches up later', () => {
  const killed = { ...MOMENTS, endMs: MOMENTS.beginMs };
  const successes = [...every(100, 0, 12_200), ...every(50, 20_000, 40_000)];
  expect(recovery({ successes, attempts: [], arrivals: 10 }, killed)).toMatchObject({ firstMs: 10_000, backMs: 9_000 });
});

it('the retried attempts of a recovery are those since the fault began, by their outcome', () => {
  const attempts = [
    { atMs: 9_000, outcome: 'no response' },
    { atMs: 11_000, outcome: '503 OVERLOADED' },
    { atMs: 12_000, outcome: '503 OVERLOADED' },
    { atMs: 12_000, outcome: '201' },
  ];
  expect(recovery({ successes: [], attempts, arrivals: 10 }, MOMENTS).retried).toEqual({ '503 OVERLOADED': 2 });
});

it('a load is back when the last seconds after the fault reach nine tenths of the rate before', () => {
  const successes = [...every(100, 0, 10_000), ...every(100, 21_000, 40_000)];
  expect(
    [21_000, 21_900, 23_000].map((nowMs) => isBack({ successes, attempts: [], arrivals: 10 }, MOMENTS, nowMs)),
  ).toEqual([false, false, true]);
});
