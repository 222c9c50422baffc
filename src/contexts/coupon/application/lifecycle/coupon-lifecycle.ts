import { BATCH_MAX } from '../../../../platform/batching/batcher.ts';
import {
  type CommandBatcher,
  commandBatcher,
  type ExecuteBatch,
  type StoreBatcherDeps,
} from '../../../../platform/batching/command-batcher.ts';
import { decideLifecycle } from '../../domain/lifecycle/lifecycle.ts';
import type { LifecycleCommand } from '../../domain/lifecycle/lifecycle-command.ts';
import type { LifecycleOutcome } from '../../domain/lifecycle/lifecycle-decision.ts';
import type { RefusalCache } from '../issue/refusal-cache.ts';
import type { LifecycleStore } from './ports.ts';

export interface LifecycleBatchDeps {
  readonly refusalCache: Pick<RefusalCache, 'invalidate'>;
  /** How long a reservation lasts. */
  readonly holdMs: number;
}

export interface LifecycleDeps extends LifecycleBatchDeps, StoreBatcherDeps<LifecycleStore> {}

/** Executes all commands on issued coupons. */
export type CouponLifecycle = CommandBatcher<LifecycleCommand, LifecycleOutcome>;

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
/** The commands of a bulk batch at most, by default: as many payment events are taken at once. */
export const BULK_BATCH_MAX = BATCH_MAX * BULK;

const priorityOf = ({ kind }: LifecycleCommand) => (URGENT.has(kind) ? 'urgent' : 'normal');

export const lifecycleBatch =
  ({ refusalCache, holdMs }: LifecycleBatchDeps): ExecuteBatch<LifecycleStore, LifecycleCommand, LifecycleOutcome> =>
  async (store, batch) => {
    const { decision, outcomes } = await store.changeBatch(batch, (loaded, nowMs, newCommands) =>
      decideLifecycle(loaded, newCommands, nowMs, holdMs),
    );
    // After a withdrawal the user, and with returned stock any user, may get a coupon that this node's cache still
    // refuses.
    for (const { id } of decision.policies) refusalCache.invalidate(id);
    return outcomes;
  };

export const couponLifecycle = (deps: LifecycleDeps): CouponLifecycle =>
  commandBatcher(deps, {
    execute: lifecycleBatch(deps),
    batchers: {
      'coupon.life': { concurrency: CONCURRENCY },
      'coupon.life-withdraw': { concurrency: 1 },
      'coupon.life-bulk': { concurrency: 1, batchMax: deps.batchMax * BULK },
    },
    // A withdrawal locks the policy, so it may wait for issuing batches.
    batcherOf: ({ kind }) => (kind === 'CANCEL' ? 'coupon.life-withdraw' : 'coupon.life'),
    bulk: 'coupon.life-bulk',
    priorityOf,
  });
