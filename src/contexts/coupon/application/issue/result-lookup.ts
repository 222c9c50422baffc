import { type BatcherDeps, createBatcher } from '../../../../platform/batching/batcher.ts';
import type { CommandKey, Replay } from '../../../../platform/kernel/command-key.ts';
import type { StoredResults } from './ports.ts';

/**
 * Looks up the stored results of idempotency keys, because the cache may not refuse a command that had its effect
 * earlier. Batched, without locks: one index look-up for hundreds of keys.
 */
export interface ResultLookup {
  /** Throws Unavailable. */
  find(commandKey: CommandKey): Promise<Replay | undefined>;
  /** Resolves when no look-up is under way. */
  stop(): Promise<void>;
}

const BATCH_MAX = 1_024;

export function createResultLookup(results: StoredResults, deps: BatcherDeps): ResultLookup {
  const batcher = createBatcher({
    ...deps,
    name: 'coupon.kept-before',
    execute: (commandKeys: readonly CommandKey[]) => results.find(commandKeys),
    batchMax: BATCH_MAX,
  });
  return { find: (commandKey) => batcher.submit(commandKey), stop: () => batcher.drain() };
}

/**
 * Returns the replay of a command that is refused before its store reads the key, or else the refusal. Throws
 * Unavailable.
 */
export const replayOr = async <Refused>(
  resultLookup: Pick<ResultLookup, 'find'>,
  commandKey: CommandKey | undefined,
  refused: Refused,
): Promise<Refused | Replay> => (commandKey && (await resultLookup.find(commandKey))) ?? refused;
