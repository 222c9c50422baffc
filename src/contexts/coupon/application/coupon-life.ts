import { createBatcher } from '../../../platform/batching/batcher.ts';
import type { BatcherObserver, Failure } from '../../../platform/batching/batcher-observer.ts';
import { outcomeOf, type Replay } from '../../../platform/kernel/command-key.ts';
import { decideLife } from '../domain/life.ts';
import type { LifeCommand } from '../domain/life-command.ts';
import type { LifeOutcome } from '../domain/life-decision.ts';
import type { KeyedLifeCommand, LifeStore } from './ports.ts';
import type { RefusalCache } from './refusal-cache.ts';

export interface LifeBatchDeps {
  readonly known: Pick<RefusalCache, 'forget'>;
  /** How long a reservation lasts. */
  readonly holdMs: number;
}

export interface LifeDeps extends LifeBatchDeps {
  /** The store of one batcher, over as many connections of its own as it has round trips under way. */
  readonly storeFor: (batcher: string, concurrency: number) => LifeStore;
  readonly classify: (error: unknown) => Failure;
  readonly observer: (batcher: string) => BatcherObserver;
  readonly batchMax: number;
}

/** Everything that happens to coupons after their issue goes through here. */
export interface CouponLife {
  /** For somebody who waits for the answer. Rejects with Unavailable as batchers do. */
  submit(command: LifeCommand): Promise<LifeOutcome>;
  /** The same for a command that may carry a key. */
  submitOnce(command: KeyedLifeCommand): Promise<LifeOutcome | Replay>;
  /** For jobs and events: larger batches, which nobody at a till waits behind. */
  submitBulk(command: LifeCommand): Promise<LifeOutcome>;
  /** Resolves when nothing is queued or under way. */
  stop(): Promise<void>;
}

/** What ends something goes before what begins something. */
const URGENT: ReadonlySet<LifeCommand['kind']> = new Set([
  'RELEASE',
  'CONFIRM',
  'CANCEL',
  'RESTORE',
  'PAYMENT_COMPLETED',
  'PAYMENT_FAILED',
]);

/** The next batch is on its way to PostgreSQL while this node still answers the one before; they rarely share coupons. */
const CONCURRENCY = 2;
/** A bulk batch is this many times as large. One at a time: a batch of events keeps its order. */
const BULK = 4;

/** Decides and stores one batch. Rejects with what the store throws. */
export const lifeBatch = ({ known, holdMs }: LifeBatchDeps) =>
  async function execute(
    store: LifeStore,
    batch: readonly KeyedLifeCommand[],
  ): Promise<readonly (LifeOutcome | Replay)[]> {
    const decision = await store.changeBatch(batch, (seen, nowMs, fresh) => decideLife(seen, fresh, nowMs, holdMs));
    // A withdrawal: its user, and with its stock back anybody, may be given what this node still refuses.
    for (const { id } of decision.policies) known.forget(id);
    return decision.merged;
  };

export function couponLife(deps: LifeDeps): CouponLife {
  const { storeFor, classify, observer, batchMax } = deps;
  const execute = lifeBatch(deps);

  const batcherOf = (name: string, size: number, concurrency: number) => {
    const store = storeFor(name, concurrency);
    const run = (batch: readonly KeyedLifeCommand[]) => execute(store, batch);
    return createBatcher({ name, execute: run, classify, batchMax: size, concurrency, observer: observer(name) });
  };
  const batcher = batcherOf('coupon.life', batchMax, CONCURRENCY);
  const withdrawals = batcherOf('coupon.life-withdraw', batchMax, 1);
  const bulk = batcherOf('coupon.life-bulk', batchMax * BULK, 1);
  const priority = ({ kind }: LifeCommand) => (URGENT.has(kind) ? 'urgent' : 'normal');
  // A withdrawal locks the coupon's policy, so it may wait behind an opening. Nothing else waits with it.
  const submitOnce = (command: KeyedLifeCommand) =>
    (command.kind === 'CANCEL' ? withdrawals : batcher).submit(command, priority(command));

  return {
    submit: (command) => submitOnce(command).then(outcomeOf),
    submitOnce,
    submitBulk: (command) => bulk.submit(command, priority(command)).then(outcomeOf),
    async stop() {
      await Promise.all([batcher.drain(), withdrawals.drain(), bulk.drain()]);
    },
  };
}
