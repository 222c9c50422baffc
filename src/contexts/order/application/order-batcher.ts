import { createBatcher } from '../../../platform/batching/batcher.ts';
import type { BatcherObserver, Failure } from '../../../platform/batching/batcher-observer.ts';
import type { Clock } from '../../../platform/kernel/clock.ts';
import { outcomeOf, type Replay } from '../../../platform/kernel/command-key.ts';
import { type IdSource, reserveIds } from '../../../platform/kernel/ids.ts';
import type { OrderCommand } from '../domain/command.ts';
import type { OrderOutcome } from '../domain/decision.ts';
import { decideOrders } from '../domain/orders.ts';
import type { TimeSale } from '../domain/time-sale.ts';
import type { KeyedOrderCommand, OrderStore } from './ports.ts';
import type { SoldOutMemory } from './sold-out-memory.ts';

export interface OrderBatchDeps {
  readonly soldOut: Pick<SoldOutMemory, 'saw'>;
  readonly clock: Clock;
  readonly nextId: IdSource;
  /** How long an order may stay unpaid. */
  readonly reservationMs: number;
  /** How many orders that are neither paid nor ended a user may have. */
  readonly openOrdersMax: number;
}

export interface OrderBatcherDeps extends OrderBatchDeps {
  /** The store of one batcher, over as many connections of its own as it has round trips under way. */
  readonly storeFor: (batcher: string, concurrency: number) => OrderStore;
  readonly classify: (error: unknown) => Failure;
  readonly observer: (batcher: string) => BatcherObserver;
  readonly batchMax: number;
}

/** Everything that changes orders, and the stock that they take, goes through here. */
export interface OrderBatcher {
  /** Rejects with Unavailable as batchers do. */
  submit(command: OrderCommand): Promise<OrderOutcome>;
  /** The same for a command that may carry a key. */
  submitOnce(command: KeyedOrderCommand): Promise<OrderOutcome | Replay>;
  /** Resolves when nothing is queued or under way. */
  stop(): Promise<void>;
}

/** The next batch is on its way to PostgreSQL while this node still answers the one before. */
const CONCURRENCY = 2;

/**
 * A batch waits for every row that it locks, so commands that may wait for long have a batcher of their own: orders at a time
 * sale, whose row is locked all through its opening. Other new orders, and the steps and ends of all orders, do not share theirs.
 */
const batcherNameOf = (command: OrderCommand): 'order.time-sales' | 'order.orders' | 'order.steps' => {
  if (command.kind !== 'PLACE') return 'order.steps';
  return command.items.some(({ timeSaleId }) => timeSaleId !== null) ? 'order.time-sales' : 'order.orders';
};

/** What goes on with an order, or ends it, goes before what begins something. */
const priorityOf = (command: OrderCommand) =>
  command.kind === 'PLACE' || command.fact.kind === 'PAY' ? 'normal' : 'urgent';

/** Decides and stores one batch. Rejects with what the store throws. */
export const orderBatch = ({ soldOut, clock, nextId, reservationMs, openOrdersMax }: OrderBatchDeps) =>
  async function execute(
    store: OrderStore,
    batch: readonly KeyedOrderCommand[],
  ): Promise<readonly (OrderOutcome | Replay)[]> {
    const readAtMs = clock();
    const ids = reserveIds(nextId, batch.length);
    let before: ReadonlyMap<bigint, TimeSale> = new Map();
    const decision = await store.changeBatch(batch, (seen, nowMs, fresh) => {
      before = seen.timeSales;
      return decideOrders(seen, fresh, { nowMs, nextId: ids, reservationMs, openOrdersMax });
    });
    // Also those that the batch left as they were: nothing else says that a sale is still sold out.
    soldOut.saw(before.values(), readAtMs);
    soldOut.saw(decision.timeSales, readAtMs);
    return decision.merged;
  };

export function orderBatcher(deps: OrderBatcherDeps): OrderBatcher {
  const { storeFor, classify, observer, batchMax } = deps;
  const execute = orderBatch(deps);

  const batcherOf = (name: string) => {
    const store = storeFor(name, CONCURRENCY);
    const run = (batch: readonly KeyedOrderCommand[]) => execute(store, batch);
    return createBatcher({
      name,
      execute: run,
      classify,
      batchMax,
      concurrency: CONCURRENCY,
      observer: observer(name),
    });
  };
  const batchers = {
    'order.time-sales': batcherOf('order.time-sales'),
    'order.orders': batcherOf('order.orders'),
    'order.steps': batcherOf('order.steps'),
  };
  const submitOnce = (command: KeyedOrderCommand) =>
    batchers[batcherNameOf(command)].submit(command, priorityOf(command));

  return {
    submit: (command) => submitOnce(command).then(outcomeOf),
    submitOnce,
    async stop() {
      await Promise.all(Object.values(batchers).map((batcher) => batcher.drain()));
    },
  };
}
