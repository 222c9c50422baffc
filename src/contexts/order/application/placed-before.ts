import { createLane } from '../../../platform/batching/lane.ts';
import type { Failure, LaneObserver } from '../../../platform/batching/lane-observer.ts';
import type { PlaceCommand } from '../domain/command.ts';
import type { PlacedKeys } from './ports.ts';

export interface PlacedBeforeDeps {
  readonly keys: PlacedKeys;
  readonly classify: (error: unknown) => Failure;
  readonly observer: (lane: string) => LaneObserver;
}

/**
 * Has this user placed an order with this key? Then memory may not refuse it. Asked in groups, without a lock: a look at an index
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
  const lane = createLane({
    name,
    execute: (asked: readonly Pick<PlaceCommand, 'userId' | 'key'>[]) => keys.arePlaced(asked),
    classify,
    groupMax: GROUP_MAX,
    observer: observer(name),
  });
  return { ask: (command) => lane.submit(command), stop: () => lane.drain() };
}
