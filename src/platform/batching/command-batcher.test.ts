import { expect, it } from 'vitest';
import { Replay } from '../kernel/command-key.ts';
import { commandBatcher } from './command-batcher.ts';

interface Command {
  readonly kind: 'SHORT' | 'LONG';
  readonly n: number;
}

/** Three batchers whose batches are recorded as `<batcher>: <commands>`. */
function world() {
  const batches: string[] = [];
  const opened: string[] = [];
  const figures: string[] = [];
  const batcher = commandBatcher<'short' | 'long' | 'bulk', string, Command, number>(
    {
      storeFor: (name, concurrency) => {
        opened.push(`${name} ${concurrency}`);
        return name;
      },
      batchMax: 2,
      classify: () => 'poison',
      observer: (name) => ({
        batch: (size) => void figures.push(`${name} ${size}`),
        failed: () => {},
        refused: () => {},
      }),
    },
    {
      execute: async (store, batch) => {
        batches.push(`${store}: ${batch.map(({ n }) => n).join(' ')}`);
        return batch.map(({ n, idempotency }) => (idempotency ? new Replay(undefined) : n));
      },
      batchers: { short: { concurrency: 2 }, long: { concurrency: 1 }, bulk: { concurrency: 1, batchMax: 3 } },
      batcherOf: ({ kind }) => (kind === 'LONG' ? 'long' : 'short'),
      bulk: 'bulk',
      priorityOf: ({ n }) => (n >= 10 ? 'urgent' : 'normal'),
    },
  );
  return { batcher, batches, opened, figures };
}

const commands = (kind: Command['kind'], ...numbers: readonly number[]): Command[] => numbers.map((n) => ({ kind, n }));

it('each batcher has a store with its connections, and figures by its name', async () => {
  const { batcher, opened, figures } = world();
  await batcher.submit({ kind: 'LONG', n: 1 });
  await batcher.stop();
  expect([opened, figures]).toEqual([['short 2', 'long 1', 'bulk 1'], ['long 1']]);
});

it('commands go to the batcher that they name, and bulk work to its own with its own batch size', async () => {
  const { batcher, batches } = world();
  const submitted = [...commands('SHORT', 1, 2, 3), ...commands('LONG', 4)].map((command) => batcher.submit(command));
  const bulk = commands('LONG', 5, 6, 7).map((command) => batcher.submitBulk(command));
  expect(await Promise.all([...submitted, ...bulk])).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(batches.toSorted()).toEqual(['bulk: 5 6 7', 'long: 4', 'short: 1 2', 'short: 3']);
});

it('urgent commands are executed first', async () => {
  const { batcher, batches } = world();
  await Promise.all(commands('LONG', 1, 2, 10).map((command) => batcher.submit(command)));
  expect(batches).toEqual(['long: 10 1', 'long: 2']);
});

it('a command with a key may be replayed, and one without may not', async () => {
  const { batcher } = world();
  const idempotency = {
    commandKey: { scope: 'scope', key: 'key', requestHash: Buffer.from('') },
    resultOf: () => undefined,
  };
  const [command] = commands('SHORT', 1);
  expect(
    await batcher.submitOnce({ ...command, idempotency } as Command & { idempotency: typeof idempotency }),
  ).toEqual(new Replay(undefined));
  await expect(batcher.submit({ ...command, idempotency } as never)).rejects.toThrow('without a key');
});

it('a command batcher stops when all its batchers have settled their commands', async () => {
  const { batcher } = world();
  const settled: number[] = [];
  for (const command of commands('SHORT', 1, 2, 3)) void batcher.submit(command).then((n) => settled.push(n));
  void batcher.submitBulk({ kind: 'SHORT', n: 4 }).then((n) => settled.push(n));
  await batcher.stop();
  expect(settled.toSorted()).toEqual([1, 2, 3, 4]);
});
