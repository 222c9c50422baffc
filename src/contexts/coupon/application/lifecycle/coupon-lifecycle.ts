import { createBatcher } from '../../../../platform/batching/batcher.ts';
import type { BatcherObserver, Failure } from '../../../../platform/batching/batcher-observer.ts';
import { outcomeOf, type Replay } from '../../../../platform/kernel/command-key.ts';
import { decideLifecycle } from '../../domain/lifecycle/lifecycle.ts';
import type { LifecycleCommand } from '../../domain/lifecycle/lifecycle-command.ts';
import type { LifecycleOutcome } from '../../domain/lifecycle/lifecycle-decision.ts';
import type { RefusalCache } from '../issue/refusal-cache.ts';
import type { KeyedLifecycleCommand, LifecycleStore } from './ports.ts';

export interface LifecycleBatchDeps {
  readonly refusalCache: Pick<RefusalCache, 'invalidate'>;
  /** How long a reservation lasts. */
  readonly holdMs: number;
}

export interface LifecycleDeps extends LifecycleBatchDeps {
  /** The store of one batcher, with one connection for each concurrent round trip. */
  readonly storeFor: (batcher: string, concurrency: number) => LifecycleStore;
  readonly classify: (error: unknown) => Failure;
  readonly observer: (batcher: string) => BatcherObserver;
  readonly batchMax: number;
}

/** Executes all commands on issued coupons. */
export interface CouponLifecycle {
  /** For callers that wait for the result. Rejects with Unavailable as batchers do. */
  submit(command: LifecycleCommand): Promise<LifecycleOutcome>;
  /** The same for a command that may have an idempotency key. */
  submitOnce(command: KeyedLifecycleCommand): Promise<LifecycleOutcome | Replay>;
  /**
   * For scheduled tasks and events: larger batches on their own connection, so that customers do not wait behind them.
   */
  submitBulk(command: LifecycleCommand): Promise<LifecycleOutcome>;
  /** Resolves when nothing is queued or under way. */
  stop(): Promise<void>;
}

/** Commands that end something are executed first. */
const URGENT: ReadonlySet<LifecycleCommand['kind']> = new Set([
  'RELEASE',
  'CONFIRM',
  'CANCEL',
  'RESTORE',
  'PAYMENT_COMPLETED',
  'PAYMENT_FAILED',
]);

/**
 * The next batch is sent to PostgreSQL while this node processes the previous one. Two batches rarely share coupons.
 */
const CONCURRENCY = 2;
/** Factor of the bulk batch size. Bulk batches run one at a time, so that events keep their order. */
const BULK = 4;

/** Decides and stores one batch. Rejects with what the store throws. */
export const lifecycleBatch = ({ refusalCache, holdMs }: LifecycleBatchDeps) =>
  async function execute(
    store: LifecycleStore,
    batch: readonly KeyedLifecycleCommand[],
  ): Promise<readonly (LifecycleOutcome | Replay)[]> {
    const { decision, outcomes } = await store.changeBatch(batch, (loaded, nowMs, newCommands) =>
      decideLifecycle(loaded, newCommands, nowMs, holdMs),
    );
    // After a withdrawal the user, and with returned stock any user, may get a coupon that this node's cache still
    // refuses.
    for (const { id } of decision.policies) refusalCache.invalidate(id);
    return outcomes;
  };

export function couponLifecycle(deps: LifecycleDeps): CouponLifecycle {
  const { storeFor, classify, observer, batchMax } = deps;
  const execute = lifecycleBatch(deps);

  const batcherOf = (name: string, size: number, concurrency: number) => {
    const store = storeFor(name, concurrency);
    const run = (batch: readonly KeyedLifecycleCommand[]) => execute(store, batch);
    return createBatcher({ name, execute: run, classify, batchMax: size, concurrency, observer: observer(name) });
  };
  const batcher = batcherOf('coupon.life', batchMax, CONCURRENCY);
  const withdrawals = batcherOf('coupon.life-withdraw', batchMax, 1);
  const bulk = batcherOf('coupon.life-bulk', batchMax * BULK, 1);
  const priority = ({ kind }: LifecycleCommand) => (URGENT.has(kind) ? 'urgent' : 'normal');
  // A withdrawal locks the policy, so it may wait for issuing batches. Its own batcher keeps other commands from
  // waiting with it.
  const submitOnce = (command: KeyedLifecycleCommand) =>
    (command.kind === 'CANCEL' ? withdrawals : batcher).submit(command, priority(command));

  return {
    submit: (command) => submitOnce(command).then(outcomeOf),
    submitOnce,
    submitBulk: (command) => bulk.submit(command, priority(command)).then(outcomeOf),
    async stop() {
      await Promise.all([batcher.drain(), withdrawals.drain(), bulk.drain()]);
    },
  };
}
