import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { limited } from './limited.ts';
import type { Unavailable } from './refusal.ts';

test('no more calls run than the limit, they run in the order of arrival, and each settles once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.boolean(), { maxLength: 25 }),
      async (scheduler, running, fails) => {
        const work = limited({ running, waiting: 100, refusal: 'full' });
        const started: number[] = [];
        let now = 0;
        const task = (fail: boolean, index: number) => async () => {
          started.push(index);
          now += 1;
          expect(now).toBeLessThanOrEqual(running);
          await scheduler.schedule(Promise.resolve());
          now -= 1;
          if (fail) throw new Error(`task ${index}`);
          return index;
        };
        const settled = Promise.allSettled(fails.map((fail, index) => work.run(task(fail, index))));
        await scheduler.waitFor(settled);
        expect((await settled).map(({ status }) => status === 'rejected')).toEqual(fails);
        expect(started).toEqual(fails.map((_, index) => index));
        expect([work.running(), work.waiting()]).toEqual([0, 0]);
      },
    ),
  );
});

test('a call above the limit of the queue is refused at once and takes no place', async () => {
  const work = limited({ running: 1, waiting: 2, refusal: 'full' });
  const open = Promise.withResolvers<void>();
  const admitted = [1, 2, 3].map((value) => work.run(() => open.promise.then(() => value)));
  await expect(work.run(async () => 4)).rejects.toMatchObject({ code: 'OVERLOADED' } satisfies Partial<Unavailable>);
  expect([work.running(), work.waiting()]).toEqual([1, 2]);
  open.resolve();
  expect(await Promise.all(admitted)).toEqual([1, 2, 3]);
  expect(await work.run(async () => 5)).toBe(5);
});

test('a call that has waited too long is refused without being run, and those behind it go on', async () => {
  vi.useFakeTimers();
  try {
    const work = limited({ running: 1, waiting: 3, waitMaxMs: 1_000, refusal: 'late' });
    const open = Promise.withResolvers<void>();
    const ran: string[] = [];
    const first = work.run(() => open.promise);
    const late = work.run(async () => void ran.push('late'));
    const refused = expect(late).rejects.toMatchObject({ code: 'OVERLOADED', message: 'late' });
    await vi.advanceTimersByTimeAsync(600);
    const inTime = work.run(async () => void ran.push('in time'));
    await vi.advanceTimersByTimeAsync(500);
    await refused;
    open.resolve();
    await Promise.all([first, inTime]);
    expect([ran, work.running(), work.waiting()]).toEqual([['in time'], 0, 0]);
  } finally {
    vi.useRealTimers();
  }
});

test('lower ranks go first, and every fourth place goes to the call that has waited longest', async () => {
  const work = limited({ running: 1, waiting: 100, refusal: 'full' });
  const open = Promise.withResolvers<void>();
  const started: number[] = [];
  const first = work.run(() => open.promise);
  const later = [2, 2, 1, 0, 1, 0, 0].map((rank) => work.run(async () => void started.push(rank), rank));
  open.resolve();
  await Promise.all([first, ...later]);
  expect(started).toEqual([0, 0, 0, 2, 1, 1, 2]);
});

test('calls of one rank that fill their places leave those of the others', async () => {
  const work = limited({ running: 1, waiting: 2, refusal: 'full' });
  const open = Promise.withResolvers<void>();
  const admitted = [1, 1, 1].map((rank) => work.run(() => open.promise, rank));
  await expect(work.run(async () => {}, 1)).rejects.toMatchObject({ code: 'OVERLOADED' });
  const other = work.run(async () => 'run', 0);
  open.resolve();
  expect(await other).toBe('run');
  await Promise.all(admitted);
});
