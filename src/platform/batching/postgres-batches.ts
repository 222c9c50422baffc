import type pg from 'pg';
import { insertEvents, type OutboxBatch } from '../events/outbox.ts';
import { isStored } from '../idempotency/command-results.ts';
import { keyedBatch } from '../idempotency/keyed-batch.ts';
import type { IdSource } from '../kernel/ids.ts';
import { batchTransaction, type Statement } from '../postgres/batch-transaction.ts';
import type { Database } from '../postgres/database.ts';
import type { BatchDecision, ChangeBatch } from './change-batch.ts';

export interface PostgresBatchDeps<Decision, Snapshot> {
  readonly database: Database;
  readonly nextId: IdSource;
  /** Builds the events of a decision, which are written in its transaction. */
  readonly eventsOf: (decision: Decision, snapshot: Snapshot) => readonly OutboxBatch[];
  /** Called after a commit that wrote events, to wake the relay. */
  readonly onEvents: () => void;
}

/** Returns the rows of a load by its name; none when the batch did not need it. */
export type RowsOf<Load extends string> = <Row>(load: Load) => readonly Row[];

/** What a context reads and writes in the transaction of a batch. */
export interface BatchStatements<
  Load extends string,
  Command,
  Snapshot,
  Decision extends BatchDecision,
  Rest extends readonly unknown[] = [],
> {
  /**
   * The statements of the first round trip, by name, in the order in which they are sent: locks, in one order for all batches, then what
   * depends on them. Loads without rows to read are left out.
   */
  readonly load: (commands: readonly Command[], ...rest: Rest) => ReadonlyMap<Load, Statement>;
  readonly toSnapshot: (rowsOf: RowsOf<Load>, commands: readonly Command[]) => Snapshot;
  /** The statements of the second round trip, without the events. `batchId` identifies the batch in the outbox and in histories. */
  readonly write: (decision: Decision, snapshot: Snapshot, batchId: bigint) => readonly Statement[];
  /**
   * Called after a lost COMMIT, on another connection. Waits for the lost session by taking a lock that it held, and returns whether a row
   * is there that only this batch can have written. Undefined: the decision wrote no such row.
   */
  readonly wasCommitted: (client: pg.ClientBase, decision: Decision, batchId: bigint) => Promise<boolean | undefined>;
}

/** Executes the batches of a context on PostgreSQL, with the keys of their commands, in two round trips each. */
export function postgresBatches<
  Load extends string,
  Command,
  Snapshot,
  Decision extends BatchDecision,
  Rest extends readonly unknown[] = [],
>(
  { database, nextId, eventsOf, onEvents }: PostgresBatchDeps<Decision, Snapshot>,
  { load, toSnapshot, write, wasCommitted }: BatchStatements<Load, Command, Snapshot, Decision, Rest>,
): ChangeBatch<Command, Snapshot, Decision, Rest> {
  return async (commands, decide, ...rest) => {
    const loads = load(commands, ...rest);
    // Before the locks, so that a node without ids takes no lock.
    const batchId = nextId();
    const keys = keyedBatch<Decision['outcomes'][number], (typeof commands)[number]>(commands);
    const {
      results: _,
      hasEvents,
      ...changed
    } = await batchTransaction(database, {
      load: [...loads.values(), ...keys.reads],
      decide: (loaded, nowMs) => {
        const snapshot = toSnapshot(rowsByLoad(loads, loaded), commands);
        const { fresh, merge } = keys.split(loaded);
        const decision = decide(snapshot, nowMs, fresh);
        const { outcomes, results, writes } = merge(decision.outcomes);
        const events = eventsOf(decision, snapshot);
        return {
          writes: [...write(decision, snapshot, batchId), ...insertEvents(batchId, events), ...writes],
          result: { decision, snapshot, outcomes, results, hasEvents: events.length > 0 },
        };
      },
      wasCommitted: async (client, { decision, results: [first] }) =>
        (await wasCommitted(client, decision, batchId)) ??
        // Without a row of its own and without a result, the batch had no effect; deciding it again has none either.
        (first === undefined || (await isStored(client, first))),
    });
    if (hasEvents) onEvents();
    return changed;
  };
}

/** Finds the rows of each load in the results of the statements, which are in the same order. */
export function rowsByLoad<Load extends string>(
  loads: ReadonlyMap<Load, Statement>,
  loaded: readonly Pick<pg.QueryResult, 'rows'>[],
): RowsOf<Load> {
  const names = [...loads.keys()];
  return (load) => loaded[names.indexOf(load)]?.rows ?? [];
}
