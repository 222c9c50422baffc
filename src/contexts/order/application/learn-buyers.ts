import { createBatcher } from '../../../platform/batching/batcher.ts';
import type { BatcherObserver, Failure } from '../../../platform/batching/batcher-observer.ts';
import type { Clock } from '../../../platform/kernel/clock.ts';
import type { Buyers, PlacedKeys } from './ports.ts';
import { BUYERS_MAX, type SoldOutMemory } from './sold-out-memory.ts';

export interface LearnBuyersDeps {
  readonly keys: Pick<PlacedKeys, 'buyers'>;
  readonly clock: Clock;
  readonly classify: (error: unknown) => Failure;
  readonly observer: (batcher: string) => BatcherObserver;
}

/** Reads who has ordered at a time sale. Until that is known, everybody's key is looked up (placed-before.ts). */
export interface LearnBuyers {
  learn(timeSaleId: bigint, memory: Pick<SoldOutMemory, 'sawBuyers'>): void;
  /** Resolves when nothing is read. */
  stop(): Promise<void>;
}

export function learnBuyers({ keys, clock, classify, observer }: LearnBuyersDeps): LearnBuyers {
  const name = 'order.buyers';
  const underWay = new Set<bigint>();
  const batcher = createBatcher({
    name,
    execute: (asked: readonly bigint[]) =>
      Promise.all(
        asked.map(async (timeSaleId): Promise<readonly [buyers: Buyers | undefined, readAtMs: number]> => {
          const readAtMs = clock();
          return [await keys.buyers(timeSaleId, BUYERS_MAX), readAtMs];
        }),
      ),
    classify,
    batchMax: 1,
    observer: observer(name),
  });
  return {
    learn(timeSaleId, memory) {
      if (underWay.has(timeSaleId)) return;
      underWay.add(timeSaleId);
      batcher
        .submit(timeSaleId)
        .then(([buyers, readAtMs]) => buyers && memory.sawBuyers(buyers, readAtMs))
        // The observer has counted it, and the next batch that finds the sale sold out asks again.
        .catch(() => {})
        .finally(() => underWay.delete(timeSaleId));
    },
    stop: () => batcher.drain(),
  };
}
