import { createBatcher } from '../../../platform/batching/batcher.ts';
import type { BatcherObserver, Failure } from '../../../platform/batching/batcher-observer.ts';
import type { Clock } from '../../../platform/kernel/clock.ts';
import { outcomeOf, type Replay } from '../../../platform/kernel/command-key.ts';
import type { IdSource } from '../../../platform/kernel/ids.ts';
import { Unavailable } from '../../../platform/kernel/refusal.ts';
import type { PointCommand } from '../domain/command.ts';
import type { PointOutcome } from '../domain/decision.ts';
import { decideLedger } from '../domain/ledger.ts';
import type { KeyedPointCommand, LedgerStore } from './ports.ts';

export interface LedgerBatchDeps {
  readonly clock: Clock;
  readonly nextId: IdSource;
  /** What a user may have after a charge. */
  readonly balanceMax: bigint;
}

export interface LedgerDeps extends LedgerBatchDeps {
  /** The store of one batcher, with one connection for each batch that runs at the same time. */
  readonly storeFor: (batcher: string, concurrency: number) => LedgerStore;
  readonly classify: (error: unknown) => Failure;
  readonly observer: (batcher: string) => BatcherObserver;
  readonly batchMax: number;
}

/** Executes everything that moves points. */
export interface PointLedger {
  /** For a request that waits for the outcome. Rejects with Unavailable as batchers do. */
  submit(command: PointCommand): Promise<PointOutcome>;
  /** The same for a command that may carry a key. */
  submitOnce(command: KeyedPointCommand): Promise<PointOutcome | Replay>;
  /** For scheduled tasks, so that requests do not wait behind them. */
  submitBulk(command: PointCommand): Promise<PointOutcome>;
  /** Resolves when nothing is queued or running. */
  stop(): Promise<void>;
}

const TIME_ERROR_MAX_MS = 2_000;

/** Commands that end something run before those that begin something. */
const URGENT: ReadonlySet<PointCommand['kind']> = new Set(['RELEASE', 'CAPTURE', 'REFUND', 'CANCEL']);

const priorityOf = ({ kind }: PointCommand) => (URGENT.has(kind) ? 'urgent' : 'normal');

/** PostgreSQL executes the next batch while this node sends the responses of the previous one; they rarely share accounts. */
const CONCURRENCY = 2;

/**
 * The lots that a batch reads depend on the time, so the time is taken before the locks. A batch whose time differs by more than 2 s from
 * the store's is rolled back and retried: the clock of this node was wrong, or the locks took too long.
 * @throws Unavailable
 */
function requireOnTime(nowMs: number, storeMs: number): void {
  if (Math.abs(storeMs - nowMs) <= TIME_ERROR_MAX_MS) return;
  throw new Unavailable('DEPENDENCY_UNAVAILABLE', `the store's clock is ${storeMs - nowMs} ms ahead of this node's`);
}

/** Decides and stores one batch. Rejects with the error of the store, and with Unavailable when the node's time is wrong. */
export const ledgerBatch = ({ clock, nextId, balanceMax }: LedgerBatchDeps) =>
  async function execute(
    store: LedgerStore,
    batch: readonly KeyedPointCommand[],
  ): Promise<readonly (PointOutcome | Replay)[]> {
    const nowMs = clock();
    const rules = { nowMs, nextId, balanceMax };
    const { outcomes } = await store.changeBatch(
      batch,
      (snapshot, storeMs, newCommands) => {
        requireOnTime(nowMs, storeMs);
        return decideLedger(snapshot, newCommands, rules);
      },
      nowMs,
    );
    return outcomes;
  };

export function pointLedger(deps: LedgerDeps): PointLedger {
  const { storeFor, classify, observer, batchMax } = deps;
  const execute = ledgerBatch(deps);

  const batcherOf = (name: string, concurrency: number) => {
    const store = storeFor(name, concurrency);
    const run = (batch: readonly KeyedPointCommand[]) => execute(store, batch);
    return createBatcher({ name, execute: run, classify, batchMax, concurrency, observer: observer(name) });
  };
  const batcher = batcherOf('point.ledger', CONCURRENCY);
  const bulk = batcherOf('point.ledger-bulk', 1);

  return {
    submit: (command) => batcher.submit(command, priorityOf(command)).then(outcomeOf),
    submitOnce: (command) => batcher.submit(command, priorityOf(command)),
    submitBulk: (command) => bulk.submit(command).then(outcomeOf),
    async stop() {
      await Promise.all([batcher.drain(), bulk.drain()]);
    },
  };
}
