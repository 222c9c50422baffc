import {
  type CommandBatcher,
  commandBatcher,
  type ExecuteBatch,
  type StoreBatcherDeps,
} from '../../../platform/batching/command-batcher.ts';
import type { Clock } from '../../../platform/kernel/clock.ts';
import type { IdSource } from '../../../platform/kernel/ids.ts';
import { Unavailable } from '../../../platform/kernel/refusal.ts';
import type { PointCommand } from '../domain/command.ts';
import type { PointOutcome } from '../domain/decision.ts';
import { decideLedger } from '../domain/ledger.ts';
import type { LedgerStore } from './ports.ts';

export interface LedgerBatchDeps {
  readonly clock: Clock;
  readonly nextId: IdSource;
  /** What a user may have after a charge. */
  readonly balanceMax: bigint;
}

export interface LedgerDeps extends LedgerBatchDeps, StoreBatcherDeps<LedgerStore> {}

/** Executes everything that moves points. */
export type PointLedger = CommandBatcher<PointCommand, PointOutcome>;

const TIME_ERROR_MAX_MS = 2_000;

/** Commands that end something run before those that begin something. */
const URGENT: ReadonlySet<PointCommand['kind']> = new Set(['RELEASE', 'CAPTURE', 'REFUND', 'CANCEL', 'CHARGE_RESULT']);

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

/** Rejects with Unavailable, too, when the node's time is wrong. */
export const ledgerBatch =
  ({ clock, nextId, balanceMax }: LedgerBatchDeps): ExecuteBatch<LedgerStore, PointCommand, PointOutcome> =>
  async (store, batch) => {
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

export const pointLedger = (deps: LedgerDeps): PointLedger =>
  commandBatcher(deps, {
    execute: ledgerBatch(deps),
    batchers: { 'point.ledger': { concurrency: CONCURRENCY }, 'point.ledger-bulk': { concurrency: 1 } },
    batcherOf: () => 'point.ledger',
    bulk: 'point.ledger-bulk',
    priorityOf,
  });
