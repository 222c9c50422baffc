import { expect, it } from 'vitest';
import { pace } from './pace.ts';

/** Runs steps that take `times`, and returns the pauses after them. */
async function pausesAfter(times: readonly number[], weight = 1_000): Promise<number[]> {
  let nowMs = 0;
  const pauses: number[] = [];
  const steps = pace({ idleMs: 0.1, now: () => nowMs, wait: async (ms) => void pauses.push(Math.round(ms)) });
  for (const tookMs of times) {
    await steps.run(weight, async () => {
      nowMs += tookMs;
    });
  }
  return pauses;
}

it('steps that are as fast as on an idle system, or nearly, have the shortest pause', async () => {
  expect(await pausesAfter([100, 80, 110, 90])).toEqual([2, 2, 2, 2]);
});

it('a step that others slow down has a long pause, and the pause ends with the load', async () => {
  const [first = 0, second = 0, third = 0] = await pausesAfter([50, 200, 50]);
  expect([first, third]).toEqual([2, 2]);
  expect(second).toBeGreaterThan(5 * 200);
});

it('a job that begins in a rush is slow from the first step on', async () => {
  expect((await pausesAfter([300]))[0]).toBeGreaterThan(5 * 300);
});

it('on a slower system the pauses become short after a time', async () => {
  const pauses = await pausesAfter(Array(400).fill(180));
  expect(pauses[0]).toBeGreaterThan(180);
  expect(pauses.at(-1)).toBe(2);
});

it('no pause is longer than 5 s', async () => {
  expect(await pausesAfter([100_000])).toEqual([5_000]);
});

it('a few pages that write nothing do not make all later ones seem slow', async () => {
  const pauses = await pausesAfter([...Array(5).fill(10), ...Array(500).fill(110)]);
  expect(pauses.reduce((sum, each) => sum + each)).toBeLessThan(500 * 110);
});

it('no pause is longer than ten times its step', async () => {
  expect(await pausesAfter([450])).toEqual([4_502]);
});
