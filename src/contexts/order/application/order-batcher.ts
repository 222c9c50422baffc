import {
  type CommandBatcher,
  commandBatcher,
  type ExecuteBatch,
  type StoreBatcherDeps,
} from '../../../platform/batching/command-batcher.ts';
import type { Clock } from '../../../platform/kernel/clock.ts';
import { type IdSource, reserveIds } from '../../../platform/kernel/ids.ts';
import type { Monotonic } from '../../../platform/kernel/moment.ts';
import { isHidden } from '../domain/catalog/product.ts';
import { decideOrders } from '../domain/decide-orders.ts';
import type { OrderDecision, OrderOutcome, OrderSnapshot } from '../domain/decision.ts';
import type { OrderInput } from '../domain/input.ts';
import type { TimeSale } from '../domain/time-sale/time-sale.ts';
import type { OrderStore, SaleGate } from './ports.ts';
import { beforeSalesAreRead } from './time-sale/sale-gate.ts';
import type { SoldOutCache } from './time-sale/sold-out-cache.ts';

export interface OrderBatchDeps {
  readonly soldOut: Pick<SoldOutCache, 'update' | 'forget' | 'has'>;
  /** Undefined: nodes share no facts. */
  readonly gate?: SaleGate | undefined;
  readonly clock: Clock;
  readonly monotonic: Monotonic;
  readonly nextId: IdSource;
  /** How long an order may stay unpaid. */
  readonly reservationMs: number;
  readonly currency: string;
  /** How many orders that are neither paid nor ended a user may have. */
  readonly openOrdersMax: number;
}

export interface OrderBatcherDeps extends OrderBatchDeps, StoreBatcherDeps<OrderStore> {}

/** Executes everything that changes orders and the stock that they take. */
export type OrderBatcher = Pick<CommandBatcher<OrderInput, OrderOutcome>, 'submit' | 'submitOnce' | 'stop'>;

/** PostgreSQL executes the next batch while this node sends the responses of the previous one. */
const CONCURRENCY = 2;

/** The row of a time sale is locked during its whole opening: other new orders, and the steps of existing orders, do not wait with it. */
const batcherOf = (input: OrderInput): 'order.time-sales' | 'order.orders' | 'order.steps' => {
  if (input.kind !== 'PLACE') return 'order.steps';
  return input.items.some(({ timeSaleId }) => timeSaleId !== null) ? 'order.time-sales' : 'order.orders';
};

/** Inputs that continue or end an order run before those that begin an order or a payment. */
const priorityOf = (input: OrderInput) =>
  input.kind === 'PLACE' || (input.kind === 'COMMAND' && input.command.kind === 'PAY') ? 'normal' : 'urgent';

export const orderBatch =
  ({
    soldOut,
    gate,
    clock,
    monotonic,
    nextId,
    reservationMs,
    currency,
    openOrdersMax,
  }: OrderBatchDeps): ExecuteBatch<OrderStore, OrderInput, OrderOutcome> =>
  async (store, batch) => {
    const [readAtMs, readAtSteadyMs] = [clock(), monotonic()];
    const places = batch.filter((input) => input.kind === 'PLACE');
    const share = gate && (await beforeSalesAreRead(gate, soldOut, places, readAtMs));
    const ids = reserveIds(nextId, batch.length);
    const { decision, snapshot, outcomes } = await store.changeBatch(batch, (loaded, nowMs, newInputs) =>
      decideOrders(loaded, newInputs, { nowMs, nextId: ids, reservationMs, currency, openOrdersMax }),
    );
    const { shown, hidden } = salesRead(snapshot, decision);
    soldOut.update(shown, readAtSteadyMs);
    soldOut.forget(hidden);
    share?.(shown);
    return outcomes;
  };

/**
 * The time sales of a batch as it left them, by whether their products are shown. Unchanged sales too: nothing else shows that a sale is still sold out.
 * An order may name a sale with a product that is not that of the sale. The batch has then not read the product of the sale, which is left out.
 */
function salesRead(
  { products, timeSales }: OrderSnapshot,
  changed: Pick<OrderDecision, 'timeSales'>,
): Record<'shown' | 'hidden', readonly TimeSale[]> {
  const sales = new Map([...timeSales.values(), ...changed.timeSales].map((sale) => [sale.id, sale]));
  const groups = Object.groupBy(sales.values(), ({ productId }) => {
    const product = products.get(productId);
    if (product === undefined) return 'unknown';
    return isHidden(product) ? 'hidden' : 'shown';
  });
  return { shown: groups.shown ?? [], hidden: groups.hidden ?? [] };
}

export const orderBatcher = (deps: OrderBatcherDeps): OrderBatcher =>
  commandBatcher(deps, {
    execute: orderBatch(deps),
    batchers: {
      'order.time-sales': { concurrency: CONCURRENCY },
      'order.orders': { concurrency: CONCURRENCY },
      'order.steps': { concurrency: CONCURRENCY },
    },
    batcherOf,
    priorityOf,
  });
