import { expect, it } from 'vitest';
import { createPacer } from './pacer.ts';

function start() {
  const clock = { ms: 0, perSecond: 100 };
  const made: number[] = [];
  const pacer = createPacer({ perSecond: () => clock.perSecond, waitMaxMs: 1_000 }, () => clock.ms);
  const schedule = (count: number): void => {
    for (let call = 0; call < count; call++) pacer.schedule(() => made.push(made.length));
  };
  return { clock, made, pacer, schedule };
}

it("a pacer makes a tenth of a second's calls at once, and the others at its rate", () => {
  const { clock, made, pacer, schedule } = start();
  schedule(40);
  expect(made).toHaveLength(10);
  for (const [ms, count] of [
    [50, 15],
    [100, 20],
    [300, 30],
  ] as const) {
    clock.ms = ms;
    pacer.tick();
    // A tick that comes late makes no more than the burst.
    expect([ms, made.length]).toEqual([ms, count]);
  }
});

it('a pacer makes no call before those that were scheduled earlier', () => {
  const { clock, pacer } = start();
  const made: number[] = [];
  for (let call = 0; call < 12; call++) pacer.schedule(() => made.push(call));
  clock.ms = 20;
  pacer.schedule(() => made.push(12));
  expect(made).toHaveLength(10);
  pacer.tick();
  expect(made).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

it('a pacer makes its calls faster, and evenly, when they would have to wait too long', () => {
  const { clock, made, pacer, schedule } = start();
  schedule(510);
  const counts = [];
  for (clock.ms = 0; clock.ms < 1_000; clock.ms += 25) {
    const before = made.length;
    pacer.tick();
    counts.push(made.length - before);
  }
  expect(made.length).toBeGreaterThan(480);
  expect(Math.max(...counts)).toBeLessThan(20);
});

it('a pacer makes a call that has waited for the longest time allowed although the rate is exceeded', () => {
  const { clock, made, pacer, schedule } = start();
  schedule(500);
  clock.ms = 1_000;
  pacer.tick();
  expect([made.length, pacer.waiting()]).toEqual([500, 0]);
});

it('a pacer makes calls faster as soon as the rate rises', () => {
  const { clock, made, pacer, schedule } = start();
  schedule(500);
  clock.perSecond = 1_000;
  for (clock.ms = 50; clock.ms <= 100; clock.ms += 50) pacer.tick();
  expect(made).toHaveLength(110);
});

it('a pacer makes all waiting calls when it is flushed', () => {
  const { made, pacer, schedule } = start();
  schedule(50);
  pacer.flush();
  expect([made.length, pacer.waiting()]).toEqual([50, 0]);
});
