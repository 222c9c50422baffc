import { GIVE_UP_AFTER_MS } from '../../src/platform/batching/batcher.ts';
import { Unavailable } from '../../src/platform/kernel/refusal.ts';
import { classifyFailure } from '../../src/platform/postgres/failures.ts';
import type { Owner } from './kernel.ts';
import type { NodeTime } from './node-time.ts';
import { simulatedSession } from './session.ts';
import type { World } from './world.ts';

interface Entry<Command, Result> {
  readonly command: Command;
  /** What the node took for the database's time when it was sent. */
  readonly sentMs: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface SimulatedBatcher<Command, Result> {
  submit(command: Command): Promise<Result>;
  /** The process dies: what waits is lost, or its COMMIT is under way. */
  die(): Promise<void>;
}

/** As many as may go in one batch here, so that there are batches of every kind. */
const GROUP_MAX = 6;
/** Within the time after which a batcher gives up, and beyond it where a process was suspended. */
const RETRY_FIRST_MS = 10;
const DELAYS_MS = [200, 2_000, 25_000];

/**
 * What the batchers of the platform promise, with every batch, order and failure that they allow: a batch is committed whole or not
 * at all, and its callers get its results or an error that says that they are unknown.
 */
export function simulatedBatcher<Command extends { readonly kind: string }, Result>(
  world: World,
  owner: Owner,
  time: Pick<NodeTime, 'estimate' | 'observe'>,
  name: string,
  execute: (batch: readonly Command[]) => Promise<readonly Result[]>,
): SimulatedBatcher<Command, Result> {
  const { kernel } = world;
  const { chance } = kernel;
  type Batch = readonly Entry<Command, Result>[];
  const session = simulatedSession(world, owner);
  let waiting: Entry<Command, Result>[] = [];

  async function arrive(): Promise<void> {
    if (!chance.happens(world.trouble().slow)) return;
    kernel.say(owner.name, () => `${name}: a command is slow to come`);
    await kernel.until(owner, kernel.clock() + chance.of(DELAYS_MS), '');
  }

  /** This one, and any others that wait, in any order. */
  function batchWith(entry: Entry<Command, Result>): Batch {
    const batch = [entry];
    const size = chance.between(1, GROUP_MAX);
    waiting.splice(waiting.indexOf(entry), 1);
    while (batch.length < size && waiting.length > 0) batch.push(...waiting.splice(chance.below(waiting.length), 1));
    return batch;
  }

  function fail(batch: Batch, why: string): void {
    kernel.say(owner.name, () => `${name}: ${kindsOf(batch)}: ${why}`);
    for (const { reject } of batch) reject(new Unavailable('DEPENDENCY_UNAVAILABLE', `${name}: ${why}`));
  }

  async function depart(entry: Entry<Command, Result>): Promise<void> {
    if (!waiting.includes(entry)) return;
    const settle = await attempt(batchWith(entry));
    settle();
  }

  async function carryOut(batch: Batch): Promise<readonly Result[]> {
    time.observe(kernel.clock(), Math.min(...batch.map(({ sentMs }) => sentMs)));
    return await execute(batch.map(({ command }) => command));
  }

  /** Carries a batch out, again and apart where needed, as batchers do. */
  async function attempt(batch: Batch, sinceMs = kernel.clock()): Promise<() => void> {
    for (let pauseMs = RETRY_FIRST_MS; ; pauseMs *= 2) {
      try {
        const results = await session.transaction(() => carryOut(batch));
        return () => {
          for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
        };
      } catch (error) {
        const failure = classifyFailure(error);
        if (failure === 'poison') return await isolate(batch, error, sinceMs);
        // Where nothing got through for 3 s, each batch has one attempt.
        const isOver = chance.happens(0.4) || kernel.clock() - sinceMs > GIVE_UP_AFTER_MS;
        if (failure !== 'transient' || isOver) return () => fail(batch, failure);
        await kernel.until(owner, kernel.clock() + pauseMs, '');
      }
    }
  }

  async function isolate(batch: Batch, error: unknown, sinceMs: number): Promise<() => void> {
    if (batch.length === 1) return () => batch[0]?.reject(error);
    const settles: (() => void)[] = [];
    for (const each of batch) settles.push(await attempt([each], sinceMs));
    return () => {
      for (const settle of settles) settle();
    };
  }

  return {
    submit(command) {
      return new Promise((resolve, reject) => {
        void arrive().then(() => {
          const entry = { command, sentMs: time.estimate(), resolve, reject };
          waiting.push(entry);
          void kernel.turn(owner, '').then(() => depart(entry));
        });
      });
    },
    async die() {
      const [first] = waiting;
      if (first && chance.happens(0.5)) {
        const batch = batchWith(first);
        kernel.say(owner.name, () => `${name}: ${kindsOf(batch)}: committed by a process that has died`);
        await carryOut(batch).catch(() => {});
      }
      waiting = [];
    },
  };
}

const kindsOf = (
  batch: readonly Entry<{ readonly kind: string }, never>[] | readonly { command: { kind: string } }[],
) => batch.map(({ command }) => command.kind).join(', ');
