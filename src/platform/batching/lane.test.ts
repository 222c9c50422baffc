import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Unavailable } from '../kernel/refusal.ts';
import { createLane, type LaneOptions } from './lane.ts';
import type { Failure } from './lane-observer.ts';

/** An error that says itself how the lane shall take it. */
class Injected extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure);
    this.failure = failure;
  }
}
const classify = (error: unknown): Failure => (error instanceof Injected ? error.failure : 'poison');

/** What a group meets before it gets through. `short` answers one result too few. */
type Trouble = 'transient' | 'unknown' | 'short';

interface World {
  readonly execute: LaneOptions<number, string>['execute'];
  /** What was carried out, in that order; like the rows of a table. */
  readonly done: number[];
  readonly groups: number[][];
}

/** Carries commands out whole or not at all, refuses groups with a poisonous one, and meets `troubles` in their order. */
function world(poison: ReadonlySet<number> = new Set(), troubles: readonly Trouble[] = []): World {
  const done: number[] = [];
  const groups: number[][] = [];
  const ahead = [...troubles];
  return {
    done,
    groups,
    async execute(group) {
      groups.push([...group]);
      await sleep(0);
      const trouble = ahead.shift();
      if (trouble === 'transient' || trouble === 'unknown') throw new Injected(trouble);
      if (trouble === 'short') return group.slice(1).map(String);
      if (group.some((command) => poison.has(command))) throw new Injected('poison');
      done.push(...group);
      return group.map((command) => `done ${command}`);
    },
  };
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('a lane', () => {
  it('settles every command exactly once, by its own fate, whatever fails', async () => {
    const trouble = fc.constantFrom<Trouble>('transient', 'unknown', 'short');
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 16 }),
        fc.array(fc.nat(59), { maxLength: 6 }),
        fc.array(trouble, { maxLength: 3 }),
        fc.integer({ min: 1, max: 3 }),
        async (count, groupMax, bad, troubles, flightsMax) => {
          const poison = new Set(bad);
          const { execute, done, groups } = world(poison, troubles);
          const lane = createLane({ name: 'test', execute, classify, groupMax, flightsMax });
          const settled: number[] = [];
          const fates = await Promise.all(
            numbers(count).map((command) =>
              lane
                .submit(command)
                .then(
                  (result) => ({ result }),
                  (error: unknown) => ({ error }),
                )
                .finally(() => settled.push(command)),
            ),
          );
          await lane.drain();

          expect([...settled].sort((a, b) => a - b)).toEqual(numbers(count));
          expect(Math.max(...groups.map((group) => group.length))).toBeLessThanOrEqual(groupMax);
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
          if (flightsMax === 1) expect(done).toEqual([...done].sort((a, b) => a - b));
        },
      ),
      { numRuns: 80 },
    );
  });

  it.each(numbers(9))(
    'rejects the poisonous command at place %i alone, and the others keep their order',
    async (at) => {
      const { execute, done } = world(new Set([at]));
      const lane = createLane({ name: 'test', execute, classify });
      const fates = await Promise.allSettled(numbers(9).map((command) => lane.submit(command)));
      expect(fates.flatMap((fate, command) => (fate.status === 'rejected' ? [command] : []))).toEqual([at]);
      expect(fates[at]).toMatchObject({ reason: { failure: 'poison' } });
      expect(done).toEqual(numbers(9).filter((command) => command !== at));
    },
  );

  it('takes a wrong number of results for an error of each command, never for an answer', async () => {
    const lane = createLane<number, string>({ name: 'test', execute: async () => ['only one'], classify });
    const fates = await Promise.allSettled(numbers(3).map((command) => lane.submit(command)));
    // Alone each gets one answer for one command; what must not be is a result at a wrong place or none at all.
    expect(fates.map((fate) => fate.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    const silent = createLane<number, string>({ name: 'test', execute: async () => [], classify });
    await expect(silent.submit(1)).rejects.toThrow('0 results for 1 commands');
  });

  it('sends a group of unknown outcome once, and tells its callers to ask again', async () => {
    const { execute, groups } = world(new Set(), ['unknown']);
    const lane = createLane({ name: 'test', execute, classify });
    const fates = await Promise.allSettled(numbers(3).map((command) => lane.submit(command)));
    expect(groups).toEqual([[0, 1, 2]]);
    for (const fate of fates) expect(fate).toMatchObject({ reason: { code: 'DEPENDENCY_UNAVAILABLE' } });
    expect(await lane.submit(3)).toBe('done 3');
  });

  it('sends a group again, whole and in order, after a failure that passes', async () => {
    const { execute, groups } = world(new Set(), ['transient', 'transient']);
    const lane = createLane({ name: 'test', execute, classify });
    expect(await Promise.all(numbers(3).map((command) => lane.submit(command)))).toEqual([
      'done 0',
      'done 1',
      'done 2',
    ]);
    expect(groups).toEqual([numbers(3), numbers(3), numbers(3)]);
  });

  it('gives up on a group after a while, and then on those queued behind it without as long a wait each', async () => {
    let attempts = 0;
    const lane = createLane<number, string>({
      name: 'test',
      classify,
      groupMax: 1,
      giveUpAfterMs: 200,
      execute: async () => {
        attempts += 1;
        throw new Injected('transient');
      },
    });
    const fates = await Promise.allSettled(numbers(40).map((command) => lane.submit(command)));
    for (const fate of fates) expect(fate).toMatchObject({ reason: { code: 'DEPENDENCY_UNAVAILABLE' } });
    // The first tried about six times in its 200 ms; 40 such would be 240.
    expect(attempts).toBeLessThan(40 + 20);
  });

  it('rejects what waited too long behind a group that failed, without an attempt, and tries what came later', async () => {
    const { execute, groups } = world(new Set(), ['transient']);
    const slow: typeof execute = async (group) => {
      await sleep(100);
      return execute(group);
    };
    const lane = createLane({
      name: 'test',
      execute: slow,
      classify,
      groupMax: 1,
      giveUpAfterMs: 0,
      stuckWaitMaxMs: 50,
    });
    const first = Promise.allSettled(numbers(3).map((command) => lane.submit(command)));
    const late = sleep(80).then(() => lane.submit(3));
    expect((await first).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await late).toBe('done 3');
    expect(groups).toEqual([[0], [3]]);
    // A queue that is only slow is carried out, however long it takes.
    const after = await Promise.all(numbers(3).map((command) => lane.submit(command)));
    expect(after).toEqual(['done 0', 'done 1', 'done 2']);
  });

  it('retries again after a trouble that it has seen the end of', async () => {
    let broken = true;
    let attempts = 0;
    const lane = createLane<number, string>({
      name: 'test',
      classify,
      giveUpAfterMs: 100,
      execute: async (group) => {
        attempts += 1;
        if (broken) throw new Injected('transient');
        return group.map(String);
      },
    });
    await expect(lane.submit(1)).rejects.toBeInstanceOf(Unavailable);
    attempts = 0;
    const second = lane.submit(2);
    while (attempts < 2) await sleep(1);
    broken = false;
    expect(await second).toBe('2');
  });

  it('lets urgent commands go before normal ones', async () => {
    const { execute, done } = world();
    const lane = createLane({ name: 'test', execute, classify, groupMax: 4 });
    const first = numbers(4).map((command) => lane.submit(command));
    await sleep(0);
    const later = [lane.submit(4), lane.submit(5), lane.submit(6, 'urgent'), lane.submit(7, 'urgent')];
    await Promise.all([...first, ...later]);
    expect(done).toEqual([0, 1, 2, 3, 6, 7, 4, 5]);
  });

  it('grows its groups by itself while one is under way, up to the cap', async () => {
    const { execute, groups } = world();
    const lane = createLane({ name: 'test', execute, classify, groupMax: 8 });
    const first = lane.submit(0);
    await sleep(0);
    await Promise.all([first, ...numbers(20).map((command) => lane.submit(command + 1))]);
    expect(groups.map((group) => group.length)).toEqual([1, 8, 8, 4]);
  });
});

describe('admission', () => {
  /** A lane whose first group is held until `open`. */
  function held(options: Partial<LaneOptions<number, string>>) {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const seen: number[] = [];
    let refusals = 0;
    const lane = createLane<number, string>({
      name: 'test',
      classify,
      groupMax: 1,
      execute: async (group) => {
        seen.push(...group);
        await gate;
        return group.map(String);
      },
      observer: { group: () => {}, failed: () => {}, refused: () => refusals++ },
      ...options,
    });
    return { lane, seen, open: () => open(), refusals: () => refusals };
  }

  it('is refused when the queue is full; what was admitted is carried out', async () => {
    const { lane, seen, open, refusals } = held({ queueMax: 3 });
    const first = lane.submit(0);
    await sleep(1);
    const admitted = [1, 2, 3].map((command) => lane.submit(command));
    expect(lane.queued()).toBe(3);
    await expect(lane.submit(4)).rejects.toMatchObject({ code: 'OVERLOADED', retryAfterSeconds: 1 });
    expect(refusals()).toBe(1);
    open();
    expect(await Promise.all([first, ...admitted])).toEqual(['0', '1', '2', '3']);
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  it('is refused when the oldest in the queue waits too long; each priority has a queue of its own', async () => {
    const { lane, open } = held({ queueAgeMaxMs: 20 });
    const admitted = [lane.submit(0)];
    await sleep(1);
    admitted.push(lane.submit(1));
    await sleep(40);
    await expect(lane.submit(2)).rejects.toMatchObject({ code: 'OVERLOADED' });
    admitted.push(lane.submit(3, 'urgent'));
    open();
    expect(await Promise.all(admitted)).toEqual(['0', '1', '3']);
    expect(await lane.submit(4)).toBe('4');
  });

  it('drain waits for what is queued and under way, and does not wait for nothing', async () => {
    const { lane, open } = held({});
    await lane.drain();
    const answers = [lane.submit(0), lane.submit(1)];
    let settled = 0;
    for (const answer of answers) void answer.then(() => settled++);
    const drained = lane.drain().then(() => settled);
    await sleep(5);
    open();
    expect(await drained).toBe(2);
  });
});
