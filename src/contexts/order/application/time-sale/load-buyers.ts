import { createBatcher } from '../../../../platform/batching/batcher.ts';
import type { BatcherObserver, Failure } from '../../../../platform/batching/batcher-observer.ts';
import type { Clock } from '../../../../platform/kernel/clock.ts';
import type { Buyers, PlacementLookup } from '../ports.ts';
import { BUYERS_MAX, type SoldOutCache } from './sold-out-cache.ts';

export interface BuyerLoaderDeps {
  readonly keys: Pick<PlacementLookup, 'buyers'>;
  readonly clock: Clock;
  readonly classify: (error: unknown) => Failure;
  readonly observer: (batcher: string) => BatcherObserver;
}

/** Reads the buyers of a time sale into the cache. Until they are cached, the key of every request is looked up. */
export interface BuyerLoader {
  load(timeSaleId: bigint, cache: Pick<SoldOutCache, 'updateBuyers'>): void;
  /** Resolves when no read is running. */
  stop(): Promise<void>;
}

export function buyerLoader({ keys, clock, classify, observer }: BuyerLoaderDeps): BuyerLoader {
  const name = 'order.buyers';
  const loading = new Set<bigint>();
  const batcher = createBatcher({
    name,
    execute: (timeSaleIds: readonly bigint[]) =>
      Promise.all(
        timeSaleIds.map(async (timeSaleId): Promise<readonly [buyers: Buyers | undefined, readAtMs: number]> => {
          const readAtMs = clock();
          return [await keys.buyers(timeSaleId, BUYERS_MAX), readAtMs];
        }),
      ),
    classify,
    batchMax: 1,
    observer: observer(name),
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
