import { expect, it } from 'vitest';
import { chanceOf } from '../chance.ts';
import { openKernel } from '../kernel.ts';
import { useVirtualTime } from './virtual-time.ts';

it.each([
  ['process.nextTick', process, 'nextTick'],
  ['setTimeout', globalThis, 'setTimeout'],
])('virtual time throws when %s was replaced while it was used, and restores the real one', async (_, owner, name) => {
  const real: unknown = Reflect.get(owner, name);
  const restore = await useVirtualTime(openKernel(chanceOf(1), 0, undefined), () => 0);
  Reflect.set(owner, name, () => {});
  expect(restore).toThrow('a timer of the simulation was replaced');
  expect(Reflect.get(owner, name)).toBe(real);
});
