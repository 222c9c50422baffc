import { type BatcherDeps, createBatcher } from '../../../../platform/batching/batcher.ts';
import type { Clock } from '../../../../platform/kernel/clock.ts';
import type { Buyers, PlacementLookup } from '../ports.ts';
import { BUYERS_MAX, type SoldOutCache } from './sold-out-cache.ts';

export interface BuyerLoaderDeps extends BatcherDeps {
  readonly keys: Pick<PlacementLookup, 'buyers'>;
  readonly clock: Clock;
}

/** Reads the buyers of a time sale into the cache. Until they are cached, the key of every request is looked up. */
export interface BuyerLoader {
  load(timeSaleId: bigint, cache: Pick<SoldOutCache, 'updateBuyers'>): void;
  /** Resolves when no read is running. */
  stop(): Promise<void>;
}

export function buyerLoader({ keys, clock, ...deps }: BuyerLoaderDeps): BuyerLoader {
  const loading = new Set<bigint>();
  const batcher = createBatcher({
    ...deps,
    name: 'order.buyers',
    execute: (timeSaleIds: readonly bigint[]) =>
      Promise.all(
        timeSaleIds.map(async (timeSaleId): Promise<readonly [buyers: Buyers | undefined, readAtMs: number]> => {
          const readAtMs = clock();
          return [await keys.buyers(timeSaleId, BUYERS_MAX), readAtMs];
        }),
      ),
    // The reads of two sales share no statement, so the smaller one would only wait for the larger one.
    batchMax: 1,
  });
  return {
    load(timeSaleId, cache) {
      if (loading.has(timeSaleId)) return;
      loading.add(timeSaleId);
      batcher
        .submit(timeSaleId)
        .then(([buyers, readAtMs]) => buyers && cache.updateBuyers(buyers, readAtMs))
        // The observer has counted the failure, and the next batch that finds the sale sold out tries again.
        .catch(() => {})
        .finally(() => loading.delete(timeSaleId));
    },
    stop: () => batcher.drain(),
  };
}
