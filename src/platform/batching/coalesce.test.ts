import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { coalesce } from './coalesce.ts';

function loader(batchMax = 3, waitingMax = 100) {
  const calls: (readonly string[])[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const load = coalesce<string, string>({
    async load(items) {
      calls.push(items);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      return items.map((item) => item.toUpperCase());
    },
    keyOf: (item) => item,
    batchMax,
    waitingMax,
    refusal: 'too many',
  });
  return { load, calls, gates };
}

it('a loader sends items that arrive while a call is in flight together, each once, at most so many', async () => {
  const { load, calls, gates } = loader();
  const first = load('a');
  await sleep(0);
  const others = ['b', 'c', 'b', 'd', 'e'].map(load);
  await sleep(0);
  expect(calls).toEqual([['a']]);
  gates[0]?.resolve();
  expect(await first).toBe('A');
  await sleep(0);
  expect(calls[1]).toEqual(['b', 'c', 'd']);
  gates[1]?.resolve();
  await sleep(0);
  gates[2]?.resolve();
  expect(await Promise.all(others)).toEqual(['B', 'C', 'B', 'D', 'E']);
  expect(calls[2]).toEqual(['e']);
});

it('a loader fails the items of a call that fails, and goes on with the next ones', async () => {
  const { load, gates } = loader();
  const first = load('a');
  await sleep(0);
  const second = load('b');
  gates[0]?.reject(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await sleep(0);
  gates[1]?.resolve();
  expect(await second).toBe('B');
});

it('a loader refuses more items than may wait', async () => {
  const { load, gates } = loader(3, 2);
  const all = ['a', 'b'].map(load);
  await expect(load('c')).rejects.toMatchObject({ code: 'OVERLOADED' });
  await sleep(0);
  gates[0]?.resolve();
  expect(await Promise.all(all)).toEqual(['A', 'B']);
});
