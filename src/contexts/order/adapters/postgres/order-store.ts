import type { InferSelectModel } from 'drizzle-orm';
import type pg from 'pg';
import {
  type PostgresBatchDeps,
  postgresBatches,
  type RowsOf,
} from '../../../../platform/batching/postgres-batches.ts';
import type { OrderStore } from '../../application/ports.ts';
import { buyerKey, type OrderDecision, type OrderSnapshot } from '../../domain/decision.ts';
import type { OrderInput } from '../../domain/input.ts';
import { PRODUCT, TIME_SALE } from './catalog-mappings.ts';
import { type OrderRow, PAYMENT, type PaymentRow, type RefundRow, toOrder, toRefund } from './order-mappings.ts';
import { type OrderRead, orderReads } from './order-reads.ts';
import { orderWrites } from './order-writes.ts';
import type { products, timeSales } from './schema.ts';

const LOCK_USER = `select pg_advisory_xact_lock(hashtextextended('orders.user:' || $1::bigint, 0))`;
const LOCK_ORDER = 'select 1 from orders.orders where id = $1 for no key update';
const IS_MINE = 'select 1 from orders.order_history where order_id = $1 and version = $2 and group_id = $3';

export function postgresOrderStore(deps: PostgresBatchDeps<OrderDecision, OrderSnapshot>): OrderStore {
  return {
    changeBatch: postgresBatches<OrderRead, OrderInput, OrderSnapshot, OrderDecision>(deps, {
      load: orderReads,
      toSnapshot,
      write: orderWrites,
      wasCommitted,
    }),
  };
}

/**
 * Looks for a history row of the batch, which only this batch can have written. The lost session holds the lock of that row's order, or
 * of the user for an order that it placed. A batch without a history row decided nothing, or it scheduled a retry, which then happens
 * earlier.
 */
async function wasCommitted(
  client: pg.ClientBase,
  { history, newOrders }: OrderDecision,
  batchId: bigint,
): Promise<boolean | undefined> {
  const [row] = history;
  if (!row) return undefined;
  const placed = newOrders.find(({ id }) => id === row.orderId);
  if (placed) await client.query(LOCK_USER, [placed.userId]);
  else await client.query(LOCK_ORDER, [row.orderId]);
  return (await client.query(IS_MINE, [row.orderId, row.version, batchId])).rowCount === 1;
}

function toSnapshot(rowsOf: RowsOf<OrderRead>): OrderSnapshot {
  const bought = rowsOf<{ timeSaleId: bigint; userId: bigint; quantity: number }>('bought');
  const open = rowsOf<{ userId: bigint; open: number }>('open');
  return {
    products: byId(rowsOf<InferSelectModel<typeof products>>('products').map((row) => PRODUCT.fromModel(row))),
    timeSales: byId(rowsOf<InferSelectModel<typeof timeSales>>('time sales').map((row) => TIME_SALE.fromModel(row))),
    bought: new Map(bought.map(({ timeSaleId, userId, quantity }) => [buyerKey(timeSaleId, userId), quantity])),
    openOrders: new Map(open.map((row) => [row.userId, row.open])),
    orders: byId(rowsOf<OrderRow>('orders').map(toOrder)),
    payments: byId(rowsOf<PaymentRow>('payments').map((row) => PAYMENT.fromModel(row))),
    refunds: byId(rowsOf<RefundRow>('refunds').map(toRefund)),
  };
}

const byId = <Row extends { readonly id: bigint }>(rows: readonly Row[]): ReadonlyMap<bigint, Row> =>
  new Map(rows.map((row) => [row.id, row]));
