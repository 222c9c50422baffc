import { createBatcher } from '../../../../platform/batching/batcher.ts';
import type { BatcherObserver, Failure } from '../../../../platform/batching/batcher-observer.ts';
import type { CommandKey, Replay } from '../../../../platform/kernel/command-key.ts';
import type { StoredResults } from '../ports.ts';

/**
 * Has a command with this key had its effect? Then memory may not refuse it. Asked in batches, without a lock: an index look-up for
 * hundreds at a time.
 */
export interface ResultLookup {
  /** Throws Unavailable. */
  find(commandKey: CommandKey): Promise<Replay | undefined>;
  /** Resolves when no look-up is under way. */
  stop(): Promise<void>;
}

const BATCH_MAX = 1_024;

export function createResultLookup(
  results: StoredResults,
  classify: (error: unknown) => Failure,
  observer: BatcherObserver,
): ResultLookup {
  const batcher = createBatcher({
    name: 'coupon.kept-before',
    execute: (commandKeys: readonly CommandKey[]) => results.find(commandKeys),
    classify,
    batchMax: BATCH_MAX,
    observer,
  });
  return { find: (commandKey) => batcher.submit(commandKey), stop: () => batcher.drain() };
}

/** The replay of a command that is refused before its store reads the key, or else the refusal. Throws Unavailable. */
export const replayOr = async <Refused>(
  resultLookup: Pick<ResultLookup, 'find'>,
  commandKey: CommandKey | undefined,
  refused: Refused,
): Promise<Refused | Replay> => (commandKey && (await resultLookup.find(commandKey))) ?? refused;
