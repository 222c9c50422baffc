import { createBatcher } from '../../../../platform/batching/batcher.ts';
import type { BatcherObserver, Failure } from '../../../../platform/batching/batcher-observer.ts';
import type { PlaceCommand } from '../../domain/input.ts';
import type { PlacementLookup } from '../ports.ts';

export interface PlacedKeyLookupDeps {
  readonly keys: PlacementLookup;
  readonly classify: (error: unknown) => Failure;
  readonly observer: (batcher: string) => BatcherObserver;
}

/** Looks up whether an idempotency key has placed an order, in batches of hundreds, by an index and without locks. */
export interface PlacedKeyLookup {
  /** Returns true when the user has placed an order with this key; the cache must not refuse that request. */
  isPlaced(command: Pick<PlaceCommand, 'userId' | 'key'>): Promise<boolean>;
  /** Resolves when no lookup is running. */
  stop(): Promise<void>;
}

const BATCH_MAX = 1_024;

export function placedKeyLookup({ keys, classify, observer }: PlacedKeyLookupDeps): PlacedKeyLookup {
  const name = 'order.placed-before';
  const batcher = createBatcher({
    name,
    execute: (commands: readonly Pick<PlaceCommand, 'userId' | 'key'>[]) => keys.arePlaced(commands),
    classify,
    batchMax: BATCH_MAX,
    observer: observer(name),
  });
  return { isPlaced: (command) => batcher.submit(command), stop: () => batcher.drain() };
}
