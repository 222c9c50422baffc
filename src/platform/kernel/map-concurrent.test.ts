import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { mapConcurrent } from './map-concurrent.ts';

it('every item is mapped once, and no more at the same time than the limit', async () => {
  let running = 0;
  let most = 0;
  const done = await mapConcurrent([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    most = Math.max(most, ++running);
    await turn();
    running -= 1;
    return item;
  });
  expect([done.sort(), most]).toEqual([[1, 2, 3, 4, 5, 6, 7], 3]);
});

it('a failure rejects only after every call that began has settled', async () => {
  let finished = 0;
  const work = mapConcurrent([1, 2], 2, async (item) => {
    if (item === 1) throw new RangeError('one');
    await turn();
    finished += 1;
  });
  await expect(work).rejects.toThrow('one');
  expect(finished).toBe(1);
});

it('results are in the order of the items, in whichever order they were completed', async () => {
  const waits = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const results = mapConcurrent([0, 1, 2], 3, async (item) => {
    await waits[item]?.promise;
    return item * 10;
  });
  for (const { resolve } of waits.toReversed()) {
    resolve();
    await turn();
  }
  expect(await results).toEqual([0, 10, 20]);
});
