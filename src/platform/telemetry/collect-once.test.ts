import { expect, it } from 'vitest';
import { collectForPage } from './collect-once.ts';

/** A page whose collections and pauses end when the test says so. */
function page() {
  const collections: PromiseWithResolvers<string>[] = [];
  const pauses: PromiseWithResolvers<void>[] = [];
  const read = collectForPage(
    () => {
      const collection = Promise.withResolvers<string>();
      collections.push(collection);
      return collection.promise;
    },
    () => {
      const pause = Promise.withResolvers<void>();
      pauses.push(pause);
      return pause.promise;
    },
  );
  return { read, collections, pauses };
}

it('docs/attacks.md 100: any number of readers of a page share collections that run one after another, with a pause', async () => {
  const { read, collections, pauses } = page();
  const early = [read(), read(), read()];
  await expect.poll(() => collections.length).toBe(1);
  const late = [read(), read()];
  collections[0]?.resolve('first');
  expect(await Promise.all(early)).toEqual(['first', 'first', 'first']);
  await expect.poll(() => pauses.length).toBe(1);
  late.push(read());
  expect(collections.length).toBe(1);
  pauses[0]?.resolve();
  await expect.poll(() => collections.length).toBe(2);
  collections[1]?.resolve('second');
  expect(await Promise.all(late)).toEqual(['second', 'second', 'second']);
});

it('a collection that fails rejects its readers, and no later ones', async () => {
  const { read, collections, pauses } = page();
  const failed = expect(read()).rejects.toThrow('away');
  await expect.poll(() => collections.length).toBe(1);
  collections[0]?.reject(new Error('away'));
  await failed;
  await expect.poll(() => pauses.length).toBe(1);
  pauses[0]?.resolve();
  const later = read();
  await expect.poll(() => collections.length).toBe(2);
  collections[1]?.resolve('again');
  expect(await later).toBe('again');
});
