import type { ProcessService } from '../gen/types/stampede/process/v1/process.ts';
import type { ContextModule } from '../platform/context.ts';
import type { EventBus } from '../platform/events/bus.ts';
import { waitForOutbox } from '../platform/events/wait-for-outbox.ts';
import { claimKeys, releaseKeys } from '../platform/idempotency/key-claims.ts';
import type { Database } from '../platform/postgres/database.ts';
import type { AdjustableClock } from '../platform/sandbox/adjustable-clock.ts';
import type { Scheduler } from '../platform/scheduling/scheduler.ts';
import { onlyCalls } from './call-rules.ts';

export type { ProcessService } from '../gen/types/stampede/process/v1/process.ts';

/** A process that hosts what the process of the gateway does not. */
export interface OtherProcess {
  /** coupon, or coupon.1 for one of several shards. */
  readonly name: string;
  readonly context: string;
  readonly process: ProcessService;
}

export interface ProcessParts {
  /** The contexts that this process hosts. */
  readonly modules: Readonly<Record<string, ContextModule<unknown> | undefined>>;
  readonly scheduler: Pick<Scheduler, 'runAll'>;
  readonly database: Pick<Database, 'pool'>;
  readonly bus: Pick<EventBus, 'waitForConsumers'>;
  /** Where this process keeps files, as `FilePlace.id`; empty when it keeps none. */
  readonly filesPlace: () => Promise<string>;
  /** Undefined: the sandbox is off. */
  readonly adjustableClock: AdjustableClock | undefined;
}

/** What this process does for the gateway besides the operations of its contexts. */
export function processService({
  modules,
  scheduler,
  database,
  bus,
  filesPlace,
  adjustableClock,
}: ProcessParts): ProcessService {
  function hosted(context: string): ContextModule<unknown> {
    const module = Object.hasOwn(modules, context) ? modules[context] : undefined;
    if (module === undefined) throw new Error(`this process does not host ${context}`);
    return module;
  }
  return {
    async findNamedFiles({ context, names }) {
      return { names: (await hosted(context).namedFiles?.(names)) ?? [], place: await filesPlace() };
    },
    claimKeys: ({ keys }) => claimKeys(database.pool, keys),
    async releaseKeys({ keys }) {
      await releaseKeys(database.pool, keys);
      return {};
    },
    async moveSandboxTime({ aheadMs }) {
      if (adjustableClock === undefined) throw new Error('the sandbox of this process is off');
      return { aheadMs: BigInt(await adjustableClock.moveTo(Number(aheadMs))) };
    },
    async runTasks({ context }) {
      const ran = await scheduler.runAll(hosted(context).jobs.map(({ name }) => name));
      return { runs: Object.entries(ran).map(([task, things]) => ({ task, things })) };
    },
    async waitForOutbox() {
      await waitForOutbox(database.pool);
      return {};
    },
    async waitForConsumers() {
      await bus.waitForConsumers();
      return {};
    },
  };
}

/** May `caller` call this method of a process, by its name in the contract? `isSandbox`: may administrators move the time here? */
export const mayCallProcess = (caller: string, method: string, isSandbox: boolean): boolean =>
  mayAlwaysCall(caller, method) || (isSandbox && caller === 'gateway');
const mayAlwaysCall = onlyCalls<ProcessService>({ gateway: ['findNamedFiles', 'claimKeys', 'releaseKeys'] });
