import {
  type CommandBatcher,
  commandBatcher,
  type StoreBatcherDeps,
} from '../../../../platform/batching/command-batcher.ts';
import { type IdSource, reserveIds } from '../../../../platform/kernel/ids.ts';
import { decideSubscriptions, type SubscriptionCommand, type SubscriptionOutcome } from '../../domain/subscription.ts';
import type { SubscriptionStore } from './ports.ts';

export interface SubscriptionBatcherDeps extends StoreBatcherDeps<SubscriptionStore> {
  readonly nextId: IdSource;
}

/**
 * Executes what users follow. The followers of a store are counted in its row, which thousands may change at the same time: a batch changes
 * it once (ADR 74).
 */
export type SubscriptionBatcher = CommandBatcher<SubscriptionCommand, SubscriptionOutcome>;

export const subscriptionBatcher = ({ nextId, ...deps }: SubscriptionBatcherDeps): SubscriptionBatcher =>
  commandBatcher(deps, {
    async execute(store, batch) {
      // Before the locks, so that a node without ids takes no lock.
      const ids = reserveIds(nextId, batch.length);
      const { outcomes } = await store.changeBatch(batch, (snapshot, _, commands) =>
        decideSubscriptions(snapshot, commands, ids),
      );
      return outcomes;
    },
    batchers: { 'store.subscriptions': { concurrency: 2 }, 'store.subscriptions-bulk': { concurrency: 1 } },
    batcherOf: () => 'store.subscriptions',
    bulk: 'store.subscriptions-bulk',
    priorityOf: () => 'normal',
  });
