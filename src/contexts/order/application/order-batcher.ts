import { createBatcher } from '../../../platform/batching/batcher.ts';
import type { BatcherObserver, Failure } from '../../../platform/batching/batcher-observer.ts';
import type { Clock } from '../../../platform/kernel/clock.ts';
import { outcomeOf, type Replay } from '../../../platform/kernel/command-key.ts';
import { type IdSource, reserveIds } from '../../../platform/kernel/ids.ts';
import { decideOrders } from '../domain/decide-orders.ts';
import type { OrderOutcome } from '../domain/decision.ts';
import type { OrderInput } from '../domain/input.ts';
import type { KeyedOrderInput, OrderStore } from './ports.ts';
import type { SoldOutCache } from './time-sale/sold-out-cache.ts';

export interface OrderBatchDeps {
  readonly soldOut: Pick<SoldOutCache, 'update'>;
  readonly clock: Clock;
  readonly nextId: IdSource;
  /** How long an order may stay unpaid. */
  readonly reservationMs: number;
  /** How many orders that are neither paid nor ended a user may have. */
  readonly openOrdersMax: number;
}

export interface OrderBatcherDeps extends OrderBatchDeps {
  /** The store of one batcher, with one connection for each batch that runs at the same time. */
  readonly storeFor: (batcher: string, concurrency: number) => OrderStore;
  readonly classify: (error: unknown) => Failure;
  readonly observer: (batcher: string) => BatcherObserver;
  readonly batchMax: number;
}

/** Executes everything that changes orders and the stock that they take. */
export interface OrderBatcher {
  /** Rejects with Unavailable as batchers do. */
  submit(input: OrderInput): Promise<OrderOutcome>;
  /** The same for an input that may carry a key. */
  submitOnce(input: KeyedOrderInput): Promise<OrderOutcome | Replay>;
  /** Resolves when nothing is queued or running. */
  stop(): Promise<void>;
}

/** PostgreSQL executes the next batch while this node sends the responses of the previous one. */
const CONCURRENCY = 2;

/**
 * A batch waits for every row that it locks, so inputs that may wait long have their own batcher: orders at a time sale, whose row
 * is locked during its whole opening. Other new orders, and the steps of existing orders, do not wait behind them.
 */
const batcherNameOf = (input: OrderInput): 'order.time-sales' | 'order.orders' | 'order.steps' => {
  if (input.kind !== 'PLACE') return 'order.steps';
  return input.items.some(({ timeSaleId }) => timeSaleId !== null) ? 'order.time-sales' : 'order.orders';
};

/** Inputs that continue or end an order run before those that begin an order or a payment. */
const priorityOf = (input: OrderInput) =>
  input.kind === 'PLACE' || (input.kind === 'COMMAND' && input.command.kind === 'PAY') ? 'normal' : 'urgent';

/** Decides and stores one batch. Rejects with the error of the store. */
export const orderBatch = ({ soldOut, clock, nextId, reservationMs, openOrdersMax }: OrderBatchDeps) =>
  async function execute(
    store: OrderStore,
    batch: readonly KeyedOrderInput[],
  ): Promise<readonly (OrderOutcome | Replay)[]> {
    const readAtMs = clock();
    const ids = reserveIds(nextId, batch.length);
    const { decision, snapshot, outcomes } = await store.changeBatch(batch, (loaded, nowMs, newInputs) =>
      decideOrders(loaded, newInputs, { nowMs, nextId: ids, reservationMs, openOrdersMax }),
    );
    // Unchanged sales too: nothing else shows that a sale is still sold out.
    soldOut.update(snapshot.timeSales.values(), readAtMs);
    soldOut.update(decision.timeSales, readAtMs);
    return outcomes;
  };

export function orderBatcher(deps: OrderBatcherDeps): OrderBatcher {
  const { storeFor, classify, observer, batchMax } = deps;
  const execute = orderBatch(deps);

  const batcherOf = (name: string) => {
    const store = storeFor(name, CONCURRENCY);
    const run = (batch: readonly KeyedOrderInput[]) => execute(store, batch);
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
  const submitOnce = (input: KeyedOrderInput) => batchers[batcherNameOf(input)].submit(input, priorityOf(input));

  return {
    submit: (input) => submitOnce(input).then(outcomeOf),
    submitOnce,
    async stop() {
      await Promise.all(Object.values(batchers).map((batcher) => batcher.drain()));
    },
  };
}
