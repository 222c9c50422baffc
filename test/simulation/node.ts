import type { OrderReader } from '../../src/contexts/order/application/ports.ts';
import type { ScheduledTask } from '../../src/platform/context.ts';
import type { Handler } from '../../src/platform/events/bus.ts';
import { Unavailable } from '../../src/platform/kernel/refusal.ts';
import { STEPS_TIMEOUT_MS, type WithTimeout } from '../../src/platform/kernel/steps-timeout.ts';
import { batchersOf, textOf } from './batchers.ts';
import { type JobName, jobsOf } from './jobs.ts';
import type { Owner } from './kernel.ts';
import type { Machine } from './machine.ts';
import type { Consumer } from './messages.ts';
import { type NodeTime, openNodeTime } from './node-time.ts';
import { type Operations, operationsOf } from './operations.ts';
import { Arranged } from './trouble.ts';
import type { World } from './world.ts';

/** A process of ours: the operations as they are, over batchers and stores that the run decides about. */
export interface SimulatedNode {
  readonly owner: Owner;
  readonly time: NodeTime;
  readonly operations: Operations;
  readonly consumers: Readonly<Record<Consumer, Handler<never>>>;
  readonly jobs: Readonly<Record<JobName, ScheduledTask['run']>>;
  /** Returns undefined when there was no response, or one that asks the client to repeat the request. */
  ask<Answer>(what: string, operation: (node: Operations) => Promise<Answer>): Promise<Answer | undefined>;
  /** Requests that wait for a response get none. */
  hangUp(): void;
  die(): Promise<void>;
}

export function openNode(world: World, name: string, machine: Machine): SimulatedNode {
  const { kernel, shop } = world;
  const owner: Owner = { name, status: 'UP' };
  const time = openNodeTime(world, owner, machine);
  const batchers = batchersOf(world, owner, time, machine.monotonic);
  const waiting = new Set<() => void>();
  const reader = readerOf(world, owner);
  const withTimeout = timeoutOf(world, owner);
  const { operations, consumers, advancing, charging } = operationsOf(world, owner, {
    clock: time.estimate,
    monotonic: machine.monotonic,
    batchers,
    reader,
    withTimeout,
    onStepFailure: (error, id) => judge(world, `order or charge ${id}`, error),
  });

  function hangUp(): void {
    for (const each of waiting) each();
    waiting.clear();
  }

  return {
    owner,
    time,
    operations,
    consumers,
    jobs: jobsOf(world, owner, time, batchers, advancing, charging, shop.orders.store, withTimeout),
    async ask(what, operation) {
      const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<typeof operation>> | undefined>();
      const giveUp = () => resolve(undefined);
      waiting.add(giveUp);
      void kernel.turn(owner, what).then(async () => {
        const answer = await operation(operations).catch((error: unknown) => judge(world, what, error));
        await kernel.turn(owner, '');
        kernel.say(
          owner.name,
          () => `responds to ${what}: ${answer === undefined ? 'repeat later' : answerText(answer)}`,
        );
        waiting.delete(giveUp);
        resolve(answer);
      });
      return await promise;
    },
    hangUp,
    async die() {
      kernel.kill(owner);
      await batchers.die();
      hangUp();
    },
  };
}

/** An injected failure and a request to repeat are expected; any other error is a bug. */
export function judge({ complain }: World, what: string, error: unknown): undefined {
  if (error instanceof Unavailable || error instanceof Arranged) return;
  const where = error instanceof Error ? error.stack?.split('\n').slice(0, 4).join('\n') : undefined;
  complain(`${what}: ${where ?? String(error)}`);
}

/** Reads take their time, too. */
function readerOf({ kernel, shop }: World, owner: Owner): OrderReader {
  const { store } = shop.orders;
  return {
    ...store,
    async findOrder(id) {
      await kernel.turn(owner, '');
      return await store.findOrder(id);
    },
    async findPayment(id) {
      await kernel.turn(owner, '');
      return await store.findPayment(id);
    },
  };
}

const timeoutOf =
  ({ kernel }: World, owner: Owner): WithTimeout =>
  async (work) => {
    let isDone = false;
    const late = kernel.until(owner, kernel.clock() + STEPS_TIMEOUT_MS, '').then(() => {
      if (isDone) return undefined as never;
      throw new Unavailable('DEPENDENCY_UNAVAILABLE', `not done within ${STEPS_TIMEOUT_MS} ms`);
    });
    late.catch(() => {});
    try {
      return await Promise.race([work, late]);
    } finally {
      isDone = true;
    }
  };

function answerText(answer: unknown): string {
  const { outcome } = answer as {
    readonly outcome?: { readonly $case: string; readonly value: { readonly order?: object } };
  };
  if (outcome === undefined) return textOf(answer);
  const { $case, value } = outcome;
  if ($case === 'refusal') return textOf(value);
  const { id, status } = value as unknown as { readonly id: bigint; readonly status: string };
  return `${$case} ${id} ${status}`;
}
