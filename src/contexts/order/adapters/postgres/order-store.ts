import type pg from 'pg';
import { isStored, type NewResult } from '../../../../platform/idempotency/command-results.ts';
import { keyedBatch } from '../../../../platform/idempotency/keyed-batch.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { batchTransaction } from '../../../../platform/postgres/batch-transaction.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import type { KeyedOrderInput, OrderStore } from '../../application/ports.ts';
import { buyerKey, type OrderDecision, type OrderOutcome, type OrderSnapshot } from '../../domain/decision.ts';
import { toProduct, toTimeSale } from './catalog-rows.ts';
import { type OrderRead, orderReads } from './order-reads.ts';
import { type OrderRow, type PaymentRow, type RefundRow, toOrder, toPayment, toRefund } from './order-rows.ts';
import { orderWrites } from './order-writes.ts';

const LOCK_USER = `select pg_advisory_xact_lock(hashtextextended('orders.user:' || $1::bigint, 0))`;
const LOCK_ORDER = 'select 1 from orders.orders where id = $1 for no key update';
const IS_MINE = 'select 1 from orders.order_history where order_id = $1 and version = $2 and group_id = $3';

/** `onCommit` is called after a commit that wrote events. */
export function postgresOrderStore(database: Database, nextId: IdSource, onCommit: () => void): OrderStore {
  return {
    async changeBatch(inputs, decide) {
      const reads = orderReads(inputs);
      const groupId = nextId();
      const batch = keyedBatch<OrderOutcome, KeyedOrderInput>(inputs);
      const { decision, merged } = await batchTransaction(database, {
        load: [...reads.values(), ...batch.reads],
        decide: (loaded, nowMs) => {
          const snapshot = toSnapshot([...reads.keys()], loaded);
          const { fresh, merge } = batch.split(loaded);
          const decision = decide(snapshot, nowMs, fresh);
          const { outcomes: merged, results, writes } = merge(decision.outcomes);
          return {
            writes: [...orderWrites(decision, snapshot, groupId), ...writes],
            result: { decision, merged, results, groupId },
          };
        },
        wasCommitted,
      });
      if (decision.events.length > 0) onCommit();
      return { ...decision, merged };
    },
  };
}

interface Decided {
  readonly decision: OrderDecision;
  readonly results: readonly NewResult[];
  readonly groupId: bigint;
}

/**
 * Looks for a history row of the batch, which only this batch can have written. The lost session holds the lock of that row's order, or
 * of the user for an order that it placed. Without a history row, the first stored result is looked for. A batch without either counts
 * as committed: it decided nothing, or it scheduled a retry, which then happens earlier.
 */
async function wasCommitted(client: pg.ClientBase, { decision, results, groupId }: Decided): Promise<boolean> {
  const [row] = decision.history;
  if (!row) return results[0] === undefined || (await isStored(client, results[0]));
  const placed = decision.newOrders.find(({ id }) => id === row.orderId);
  if (placed) await client.query(LOCK_USER, [placed.userId]);
  else await client.query(LOCK_ORDER, [row.orderId]);
  return (await client.query(IS_MINE, [row.orderId, row.version, groupId])).rowCount === 1;
}

function toSnapshot(names: readonly OrderRead[], loaded: readonly pg.QueryResult[]): OrderSnapshot {
  const rowsOf = <Row>(name: OrderRead): readonly Row[] => loaded[names.indexOf(name)]?.rows ?? [];
  const bought = rowsOf<{ timeSaleId: bigint; userId: bigint; quantity: number }>('bought');
  const open = rowsOf<{ userId: bigint; open: number }>('open');
  return {
    products: byId(rowsOf<Parameters<typeof toProduct>[0]>('products').map(toProduct)),
    timeSales: byId(rowsOf<Parameters<typeof toTimeSale>[0]>('time sales').map(toTimeSale)),
    bought: new Map(bought.map(({ timeSaleId, userId, quantity }) => [buyerKey(timeSaleId, userId), quantity])),
    openOrders: new Map(open.map((row) => [row.userId, row.open])),
    orders: byId(rowsOf<OrderRow>('orders').map(toOrder)),
    payments: byId(rowsOf<PaymentRow>('payments').map(toPayment)),
    refunds: byId(rowsOf<RefundRow>('refunds').map(toRefund)),
  };
}

const byId = <Row extends { readonly id: bigint }>(rows: readonly Row[]): ReadonlyMap<bigint, Row> =>
  new Map(rows.map((row) => [row.id, row]));
