import type { Keyed, Replay } from '../kernel/command-key.ts';

/** What a pure function decided about the commands of a batch. */
export interface BatchDecision {
  /** One for each command, in their order. */
  readonly outcomes: readonly unknown[];
}

type OutcomeOf<Decision extends BatchDecision> = Decision['outcomes'][number];

/** A batch whose transaction was committed. */
export interface ChangedBatch<Snapshot, Decision extends BatchDecision> {
  /** Covers the commands whose key is new. */
  readonly decision: Decision;
  /** The state that was decided on. It was current at the commit. */
  readonly snapshot: Snapshot;
  /** One for each command of the batch, in their order. */
  readonly outcomes: readonly (OutcomeOf<Decision> | Replay)[];
}

/**
 * What the store of a context does with a batch, in one transaction: locks the rows that the commands name, loads what depends on them,
 * calls `decide` with the store's time, which all nodes share, and stores the decision with its events. Resolves after the commit.
 *
 * `decide` is pure and may be called again. It gets the commands whose key is new; the others are replayed. `rest` is what else a context's
 * store needs to know about a batch.
 */
export type ChangeBatch<
  Command,
  Snapshot,
  Decision extends BatchDecision,
  Rest extends readonly unknown[] = [],
  Changed extends ChangedBatch<Snapshot, Decision> = ChangedBatch<Snapshot, Decision>,
> = (
  commands: readonly (Command & Keyed<OutcomeOf<Decision>>)[],
  decide: (snapshot: Snapshot, nowMs: number, newCommands: readonly Command[]) => Decision,
  ...rest: Rest
) => Promise<Changed>;
