import { type BatcherDeps, createBatcher } from '../../../../platform/batching/batcher.ts';
import type { PlaceCommand } from '../../domain/input.ts';
import type { PlacedKeyReader } from '../ports.ts';

export interface PlacedKeyLookupDeps extends BatcherDeps {
  readonly keys: PlacedKeyReader;
}

/** Looks up whether an idempotency key has placed an order, in batches of hundreds, by an index and without locks. */
export interface PlacedKeyLookup {
  /** Returns true when the user has placed an order with this key; no fact may refuse that request. Rejects with Unavailable. */
  isPlaced(command: Pick<PlaceCommand, 'userId' | 'key'>): Promise<boolean>;
  /** Resolves when no lookup is running. */
  stop(): Promise<void>;
}

const BATCH_MAX = 1_024;

export function placedKeyLookup({ keys, ...deps }: PlacedKeyLookupDeps): PlacedKeyLookup {
  const batcher = createBatcher({
    ...deps,
    name: 'order.placed-keys',
    execute: (commands: readonly Pick<PlaceCommand, 'userId' | 'key'>[]) => keys.arePlaced(commands),
    batchMax: BATCH_MAX,
  });
  return { isPlaced: (command) => batcher.submit(command), stop: () => batcher.drain() };
}
