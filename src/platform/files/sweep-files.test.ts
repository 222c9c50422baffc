import { expect, it } from 'vitest';
import { DAY_MS } from '../kernel/durations.ts';
import { EPOCH_MS } from '../kernel/ids.ts';
import { newFileName } from './file-name.ts';
import { sweepFiles } from './sweep-files.ts';

const NOW = EPOCH_MS + 10 * DAY_MS;
const fileOf = (atMs: number, n: bigint) => newFileName((BigInt(atMs - EPOCH_MS) << 22n) + n, Buffer.from('image'));
const [named, orphan, young] = [fileOf(NOW - 2 * DAY_MS, 1n), fileOf(NOW - 2 * DAY_MS, 2n), fileOf(NOW, 3n)];

function storeOf(names: readonly string[]) {
  const kept = new Set(names);
  return {
    kept,
    put: async () => {},
    get: async () => undefined,
    remove: async (name: string) => void kept.delete(name),
    async *list() {
      yield [...kept];
    },
  };
}
const run = (files: ReturnType<typeof storeOf>, ...namedBy: readonly (() => Promise<readonly string[]>)[]) =>
  sweepFiles(files, namedBy, () => NOW).run(new AbortController().signal);

it('the sweep removes the old files that no row names', async () => {
  const files = storeOf([named, orphan, young]);
  expect(
    await run(
      files,
      async () => [named],
      async () => [],
    ),
  ).toBe(1);
  expect([...files.kept]).toEqual([named, young]);
});

it('the sweep removes nothing while one of those who name files cannot say which', async () => {
  const files = storeOf([named, orphan, young]);
  await expect(
    run(
      files,
      async () => [named],
      () => Promise.reject(new Error('away')),
    ),
  ).rejects.toThrow('away');
  expect([...files.kept]).toEqual([named, orphan, young]);
});
