import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createSlices } from './slices.ts';

it('long work leaves the event loop after each slice, and takes turns with other work', async () => {
  const slices = createSlices();
  const done: string[] = [];
  function* work(name: string): Generator {
    for (let step = 0; step < 150; step++) yield done.push(name);
  }
  slices.run(work('a'));
  slices.run(work('b'));
  const perTurn: number[] = [];
  while (done.length < 300) {
    await turn();
    perTurn.push(done.length - perTurn.reduce((sum, count) => sum + count, 0));
  }
  expect(Math.max(...perTurn)).toBe(64);
  expect(done.indexOf('b')).toBe(64);
  expect(done.lastIndexOf('a')).toBeGreaterThan(done.indexOf('b'));
});
