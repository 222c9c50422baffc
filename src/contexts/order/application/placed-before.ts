import { createBatcher } from '../../../platform/batching/batcher.ts';
import type { BatcherObserver, Failure } from '../../../platform/batching/batcher-observer.ts';
import type { PlaceCommand } from '../domain/command.ts';
import type { PlacedKeys } from './ports.ts';

export interface PlacedBeforeDeps {
  readonly keys: PlacedKeys;
  readonly classify: (error: unknown) => Failure;
  readonly observer: (batcher: string) => BatcherObserver;
}

/**
 * Has this user placed an order with this key? Then memory may not refuse it. Asked in batches, without a lock: a look at an index
 * for hundreds at a time.
 */
export interface PlacedBefore {
  ask(command: Pick<PlaceCommand, 'userId' | 'key'>): Promise<boolean>;
  /** Resolves when nothing is asked. */
  stop(): Promise<void>;
}

const GROUP_MAX = 1_024;

export function placedBefore({ keys, classify, observer }: PlacedBeforeDeps): PlacedBefore {
  const name = 'order.placed-before';
  const batcher = createBatcher({
    name,
    execute: (asked: readonly Pick<PlaceCommand, 'userId' | 'key'>[]) => keys.arePlaced(asked),
    classify,
    batchMax: GROUP_MAX,
    observer: observer(name),
  });
  return { ask: (command) => batcher.submit(command), stop: () => batcher.drain() };
}
