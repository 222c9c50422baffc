import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Unavailable } from '../kernel/refusal.ts';
import { type BatcherOptions, createBatcher, SETTLED_A_TURN } from './batcher.ts';
import type { Failure } from './batcher-observer.ts';

/** An error that carries its own classification. */
class Injected extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure);
    this.failure = failure;
  }
}
const classify = (error: unknown): Failure => (error instanceof Injected ? error.failure : 'poison');

/** A failure injected into an attempt. `short` returns one result too few. */
type Trouble = 'transient' | 'unknown' | 'short';

interface World {
  readonly execute: BatcherOptions<number, string>['execute'];
  /** The commands that were executed, in order; like the rows of a table. */
  readonly done: number[];
  readonly batches: number[][];
}

/** Executes batches atomically, refuses a batch with a poisonous command, and fails with `troubles` in their order. */
function world(poison: ReadonlySet<number> = new Set(), troubles: readonly Trouble[] = []): World {
  const done: number[] = [];
  const batches: number[][] = [];
  const ahead = [...troubles];
  return {
    done,
    batches,
    async execute(batch) {
      batches.push([...batch]);
      await sleep(0);
      const trouble = ahead.shift();
      if (trouble === 'transient' || trouble === 'unknown') throw new Injected(trouble);
      if (trouble === 'short') return batch.slice(1).map(String);
      if (batch.some((command) => poison.has(command))) throw new Injected('poison');
      done.push(...batch);
      return batch.map((command) => `done ${command}`);
    },
  };
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resume) => setImmediate(resume));
};

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('a batcher that collects', () => {
  it('a batcher that collects executes what arrives within that time after a batch as one batch', async () => {
    const { execute, batches } = world();
    const batcher = createBatcher({ name: 'test', execute, classify, collectMs: () => 300 });
    await batcher.submit(1);
    const second = batcher.submit(2);
    await sleep(5);
    await Promise.all([second, batcher.submit(3)]);
    expect(batches).toEqual([[1], [2, 3]]);
  });

  it('a batcher that collects executes a full batch at once', async () => {
    const { execute, batches } = world();
    const batcher = createBatcher({ name: 'test', execute, classify, batchMax: 2, collectMs: () => 60_000 });
    await Promise.all([batcher.submit(1), batcher.submit(2), batcher.submit(3), batcher.submit(4)]);
    const second = batcher.submit(5);
    await sleep(5);
    await Promise.all([second, batcher.submit(6)]);
    await batcher.drain();
    expect(batches).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
  });
});

describe('a batcher', () => {
  it('a batcher settles every command exactly once, with its own outcome, whatever fails', async () => {
    const trouble = fc.constantFrom<Trouble>('transient', 'unknown', 'short');
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 16 }),
        fc.array(fc.nat(59), { maxLength: 6 }),
        fc.array(trouble, { maxLength: 3 }),
        fc.integer({ min: 1, max: 3 }),
        async (count, batchMax, bad, troubles, concurrency) => {
          const poison = new Set(bad);
          const { execute, done, batches } = world(poison, troubles);
          const batcher = createBatcher({ name: 'test', execute, classify, batchMax, concurrency });
          const settled: number[] = [];
          const fates = await Promise.all(
            numbers(count).map((command) =>
              batcher
                .submit(command)
                .then(
                  (result) => ({ result }),
                  (error: unknown) => ({ error }),
                )
                .finally(() => settled.push(command)),
            ),
          );
          await batcher.drain();

          expect([...settled].sort((a, b) => a - b)).toEqual(numbers(count));
          expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(batchMax);
          expect(new Set(done).size).toBe(done.length);
          const carriedOut = new Set(done);
          fates.forEach((fate, command) => {
            if ('result' in fate) expect(fate.result).toBe(`done ${command}`);
            expect(carriedOut.has(command)).toBe('result' in fate);
            if (poison.has(command)) expect('error' in fate).toBe(true);
            else if ('error' in fate && !troubles.includes('short')) expect(fate.error).toBeInstanceOf(Unavailable);
          });
          const unharmed = !troubles.some((each) => each !== 'transient');
          if (unharmed) expect(done.length).toBe(numbers(count).filter((command) => !poison.has(command)).length);
          if (concurrency === 1) expect(done).toEqual([...done].sort((a, b) => a - b));
        },
      ),
      { numRuns: 80 },
    );
  });

  it.each(numbers(9))(
    'a batcher rejects only the poisonous command, at position %i, and keeps the order of the others',
    async (at) => {
      const { execute, done } = world(new Set([at]));
      const batcher = createBatcher({ name: 'test', execute, classify });
      const fates = await Promise.allSettled(numbers(9).map((command) => batcher.submit(command)));
      expect(fates.flatMap((fate, command) => (fate.status === 'rejected' ? [command] : []))).toEqual([at]);
      expect(fates[at]).toMatchObject({ reason: { failure: 'poison' } });
      expect(done).toEqual(numbers(9).filter((command) => command !== at));
    },
  );

  it('a batcher rejects commands when execute returns a wrong number of results', async () => {
    const batcher = createBatcher<number, string>({ name: 'test', execute: async () => ['only one'], classify });
    const fates = await Promise.allSettled(numbers(3).map((command) => batcher.submit(command)));
    // Split down to one command, each gets its one result. A result for another command, or none, would be wrong.
    expect(fates.map((fate) => fate.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    const silent = createBatcher<number, string>({ name: 'test', execute: async () => [], classify });
    await expect(silent.submit(1)).rejects.toThrow('0 results for 1 commands');
  });

  it('a batcher does not retry a batch of unknown outcome, and rejects its callers with DEPENDENCY_UNAVAILABLE', async () => {
    const { execute, batches } = world(new Set(), ['unknown']);
    const batcher = createBatcher({ name: 'test', execute, classify });
    const fates = await Promise.allSettled(numbers(3).map((command) => batcher.submit(command)));
    expect(batches).toEqual([[0, 1, 2]]);
    for (const fate of fates) expect(fate).toMatchObject({ reason: { code: 'DEPENDENCY_UNAVAILABLE' } });
    expect(await batcher.submit(3)).toBe('done 3');
  });

  it('a batcher retries a whole batch, in order, after a transient failure', async () => {
    const { execute, batches } = world(new Set(), ['transient', 'transient']);
    const batcher = createBatcher({ name: 'test', execute, classify });
    expect(await Promise.all(numbers(3).map((command) => batcher.submit(command)))).toEqual([
      'done 0',
      'done 1',
      'done 2',
    ]);
    expect(batches).toEqual([numbers(3), numbers(3), numbers(3)]);
  });

  it('a batcher gives up on a batch after giveUpAfterMs, and on each batch queued behind it after one attempt', async () => {
    let attempts = 0;
    const batcher = createBatcher<number, string>({
      name: 'test',
      classify,
      batchMax: 1,
      giveUpAfterMs: 200,
      execute: async () => {
        attempts += 1;
        throw new Injected('transient');
      },
    });
    const fates = await Promise.allSettled(numbers(40).map((command) => batcher.submit(command)));
    for (const fate of fates) expect(fate).toMatchObject({ reason: { code: 'DEPENDENCY_UNAVAILABLE' } });
    // The first tried about six times in its 200 ms; 40 such would be 240.
    expect(attempts).toBeLessThan(40 + 20);
  });

  it('a batcher rejects commands that waited too long behind a failed batch without an attempt, and executes later ones', async () => {
    const { execute, batches } = world(new Set(), ['transient']);
    const slow: typeof execute = async (batch) => {
      await sleep(100);
      return execute(batch);
    };
    const batcher = createBatcher({
      name: 'test',
      execute: slow,
      classify,
      batchMax: 1,
      giveUpAfterMs: 0,
      stuckWaitMaxMs: 50,
    });
    const first = Promise.allSettled(numbers(3).map((command) => batcher.submit(command)));
    const late = sleep(80).then(() => batcher.submit(3));
    expect((await first).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await late).toBe('done 3');
    expect(batches).toEqual([[0], [3]]);
    // A queue that is only slow is executed, however long it takes.
    const after = await Promise.all(numbers(3).map((command) => batcher.submit(command)));
    expect(after).toEqual(['done 0', 'done 1', 'done 2']);
  });

  it('a batcher retries again after an outage has ended', async () => {
    let broken = true;
    let attempts = 0;
    const batcher = createBatcher<number, string>({
      name: 'test',
      classify,
      giveUpAfterMs: 100,
      execute: async (batch) => {
        attempts += 1;
        if (broken) throw new Injected('transient');
        return batch.map(String);
      },
    });
    await expect(batcher.submit(1)).rejects.toBeInstanceOf(Unavailable);
    attempts = 0;
    const second = batcher.submit(2);
    while (attempts < 2) await sleep(1);
    broken = false;
    expect(await second).toBe('2');
  });

  it('a batcher executes urgent commands before normal ones', async () => {
    const { execute, done } = world();
    const batcher = createBatcher({ name: 'test', execute, classify, batchMax: 4 });
    const first = numbers(4).map((command) => batcher.submit(command));
    await sleep(0);
    const later = [batcher.submit(4), batcher.submit(5), batcher.submit(6, 'urgent'), batcher.submit(7, 'urgent')];
    await Promise.all([...first, ...later]);
    expect(done).toEqual([0, 1, 2, 3, 6, 7, 4, 5]);
  });

  it('a batcher collects commands into one batch of at most batchMax while another batch runs', async () => {
    const { execute, batches } = world();
    const batcher = createBatcher({ name: 'test', execute, classify, batchMax: 8 });
    const first = batcher.submit(0);
    await sleep(0);
    await Promise.all([first, ...numbers(20).map((command) => batcher.submit(command + 1))]);
    expect(batches.map((batch) => batch.length)).toEqual([1, 8, 8, 4]);
  });
});

describe('the batch that follows a large one', () => {
  /** Executes 256 commands as a batch while `meanwhile` are submitted, and lets each of the 256 callers submit another one as soon as it continues. */
  async function batchesAfter(meanwhile: (submit: (command: number, priority?: 'urgent') => void) => void) {
    const { execute, batches } = world();
    const batcher = createBatcher({ name: 'test', execute, classify, batchMax: 256 });
    const others: Promise<string>[] = [];
    const first = numbers(256).map((command) => batcher.submit(command).then(() => batcher.submit(1_000 + command)));
    await until(() => batches.length === 1);
    meanwhile((command, priority) => void others.push(batcher.submit(command, priority)));
    await Promise.all([...first, ...others]);
    expect(batches.flat().toSorted((a, b) => a - b)).toEqual(
      [
        ...numbers(256),
        ...numbers(256).map((command) => 1_000 + command),
        ...others.map((_, place) => 5_000 + place),
      ].toSorted((a, b) => a - b),
    );
    return batches.map(({ length }) => length);
  }

  it('the batch that follows a large one takes along what its callers submit when they continue', async () => {
    const [, second = 0] = await batchesAfter((submit) => submit(5_000));
    expect(second).toBeGreaterThanOrEqual(128);
  });

  it('the batch that follows a large one begins before its callers continue when it is half full', async () => {
    const [, second] = await batchesAfter((submit) => {
      for (const place of numbers(128)) submit(5_000 + place);
    });
    expect(second).toBe(128);
  });

  it('a few commands wait for the first 256 callers of a very large batch, and for no more', async () => {
    const { execute, batches } = world();
    const batcher = createBatcher({ name: 'test', execute, classify, batchMax: 1_024 });
    let continued = 0;
    const callers = numbers(1_024).map((command) =>
      batcher.submit(command).then(() => {
        continued += 1;
      }),
    );
    await until(() => batches.length === 1);
    const one = batcher.submit(5_000);
    await until(() => batches.length === 2);
    expect(continued).toBeGreaterThanOrEqual(256);
    expect(continued).toBeLessThan(1_024);
    await Promise.all([...callers, one]);
  });

  it('an urgent command does not wait for the callers of a large batch', async () => {
    const [, second] = await batchesAfter((submit) => submit(5_000, 'urgent'));
    expect(second).toBe(1);
  });

  it('an urgent command that comes while callers of a large batch continue goes with the next turn', async () => {
    const { execute, batches } = world();
    const batcher = createBatcher({ name: 'test', execute, classify, batchMax: 256 });
    let continued = 0;
    let urgent: Promise<string> | undefined;
    const callers = numbers(256).map((command) =>
      batcher.submit(command).then(() => {
        continued += 1;
        if (continued === 40) urgent = batcher.submit(5_000, 'urgent');
      }),
    );
    await until(() => batches.length === 2);
    expect(continued).toBeLessThan(256);
    await Promise.all(callers);
    expect(await urgent).toBe('done 5000');
  });
});

describe('the queue of a batcher', () => {
  /** A batcher whose first batch does not end before `open` is called. */
  function held(options: Partial<BatcherOptions<number, string>>) {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const seen: number[] = [];
    let refusals = 0;
    const batcher = createBatcher<number, string>({
      name: 'test',
      classify,
      batchMax: 1,
      execute: async (batch) => {
        seen.push(...batch);
        await gate;
        return batch.map(String);
      },
      observer: () => ({ batch: () => {}, failed: () => {}, refused: () => refusals++ }),
      ...options,
    });
    return { batcher, seen, open: () => open(), refusals: () => refusals };
  }

  it('a full queue of a batcher rejects a command, and executes what it accepted', async () => {
    const { batcher, seen, open, refusals } = held({ queueMax: 3 });
    const first = batcher.submit(0);
    await sleep(1);
    const admitted = [1, 2, 3].map((command) => batcher.submit(command));
    expect(batcher.queued()).toBe(3);
    await expect(batcher.submit(4)).rejects.toMatchObject({ code: 'OVERLOADED', retryAfterSeconds: 1 });
    expect(refusals()).toBe(1);
    open();
    expect(await Promise.all([first, ...admitted])).toEqual(['0', '1', '2', '3']);
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  it('the queue of a batcher rejects a command while the oldest of its priority has waited too long', async () => {
    const { batcher, open } = held({ queueAgeMaxMs: 20 });
    const admitted = [batcher.submit(0)];
    await sleep(1);
    admitted.push(batcher.submit(1));
    await sleep(40);
    await expect(batcher.submit(2)).rejects.toMatchObject({ code: 'OVERLOADED' });
    admitted.push(batcher.submit(3, 'urgent'));
    open();
    expect(await Promise.all(admitted)).toEqual(['0', '1', '3']);
    expect(await batcher.submit(4)).toBe('4');
  });

  it('drain resolves when queued and running commands are settled, at once when there are none', async () => {
    const { batcher, open } = held({});
    await batcher.drain();
    const answers = [batcher.submit(0), batcher.submit(1)];
    let settled = 0;
    for (const answer of answers) void answer.then(() => settled++);
    const drained = batcher.drain().then(() => settled);
    await sleep(5);
    open();
    expect(await drained).toBe(2);
  });

  it.each([undefined, 'unknown'] as const)(
    'a batcher lets the event loop turn between the callers of a large batch, which drain waits for (trouble: %s)',
    async (trouble) => {
      const { execute, batches } = world(new Set(), trouble === undefined ? [] : [trouble]);
      const batcher = createBatcher({ name: 'test', execute, classify });
      let turn = 0;
      let watched = true;
      const watch = () => {
        turn += 1;
        if (watched) setImmediate(watch);
      };
      setImmediate(watch);
      const turns: number[] = [];
      const count = 5 * SETTLED_A_TURN + 1;
      for (const command of numbers(count)) {
        const note = () => void turns.push(turn);
        batcher.submit(command).then(note, note);
      }
      await until(() => turns.length > 0);
      await batcher.drain();
      watched = false;
      expect([batches.length, turns.length]).toEqual([1, count]);
      const inTurn = Map.groupBy(turns, (at) => at);
      expect(Math.max(...[...inTurn.values()].map(({ length }) => length))).toBe(SETTLED_A_TURN);
    },
  );
});
