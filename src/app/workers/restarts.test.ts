import { expect, test } from 'vitest';
import { restarts } from './restarts.ts';

test('a worker that crashes again and again is replaced after longer and longer pauses, at most 30 s', () => {
  let nowMs = 0;
  const { afterCrash } = restarts(4, () => nowMs);
  const pauses = Array.from({ length: 8 }, () => {
    const pauseMs = afterCrash(0, nowMs);
    nowMs += pauseMs ?? Number.NaN;
    return pauseMs;
  });
  expect(pauses).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test('a worker that served for a minute before it crashes is replaced at once, like one that never crashed', () => {
  let nowMs = 0;
  const { afterCrash } = restarts(2, () => nowMs);
  expect([afterCrash(0, 0), afterCrash(0, 0)]).toEqual([0, 1_000]);
  nowMs = 61_000;
  expect(afterCrash(0, 1_000)).toBe(0);
});

test('the pause of a worker does not depend on crashes of another one', () => {
  const { afterCrash } = restarts(2, () => 0);
  expect([afterCrash(0, 0), afterCrash(0, 0), afterCrash(1, 0)]).toEqual([0, 1_000, 0]);
});

test.each([1, 2, 8])('more than five crashes a minute for each of %i workers are a crash loop', (workers) => {
  const { afterCrash } = restarts(workers, () => 0);
  const places = Array.from({ length: 5 * workers }, (_, index) => index % workers);
  for (const place of places) expect(afterCrash(place, 0)).toBeTypeOf('number');
  expect(afterCrash(0, 0)).toBeUndefined();
});

test('crashes of more than a minute ago do not count for a crash loop', () => {
  let nowMs = 0;
  const { afterCrash } = restarts(1, () => nowMs);
  for (let count = 0; count < 5; count++) afterCrash(0, nowMs);
  nowMs = 60_001;
  expect(afterCrash(0, nowMs)).toBeTypeOf('number');
});
