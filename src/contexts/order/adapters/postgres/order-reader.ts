import type pg from 'pg';
import type { Database } from '../../../../platform/postgres/database.ts';
import type { MoneyReader, OrderReader } from '../../application/ports.ts';
import {
  ORDER_COLUMNS,
  type OrderRow,
  PAYMENT,
  PAYMENT_COLUMNS,
  type PaymentRow,
  REFUND_COLUMNS,
  type RefundRow,
  toOrder,
  toRefund,
} from './order-mappings.ts';

const FIND_ORDER = `select ${ORDER_COLUMNS} from orders.orders as o where o.id = $1`;
const FIND_PAYMENT = `select ${PAYMENT_COLUMNS} from orders.payments as y where y.id = $1`;
const FIND_REFUND = `select ${REFUND_COLUMNS} from orders.refunds as r where r.id = $1`;

// Each list walks one index backwards: that of the user, of the store, or of the times. $1 is the user or the store.
const FILTER = `($2::text is null or o.status = $2)
    and ($5::timestamptz is null or o.created_at >= $5) and ($6::timestamptz is null or o.created_at < $6)`;

const LIST_OF_USER = `
  select ${ORDER_COLUMNS} from orders.orders as o
  where o.user_id = $1 and ($3::bigint is null or o.id < $3) and ${FILTER}
    and ($7::bigint is null or exists (select 1 from orders.order_lines where order_id = o.id and store_id = $7))
  order by o.id desc limit $4`;

// The orders are looked up one by one (`offset 0` keeps the planner from merging): a merge walked every order that is newer than the page.
const LIST_OF_STORE = `
  select ${ORDER_COLUMNS} from (
    select distinct order_id from orders.order_lines where store_id = $1 and ($3::bigint is null or order_id < $3)
    order by order_id desc) as sold
  join lateral (select * from orders.orders where id = sold.order_id offset 0) as o on true
  where ${FILTER}
  order by sold.order_id desc limit $4`;

// By time, because ids of two nodes may be in another order than the times. Orders are never deleted, so the last one of a page is found.
const LIST_OF_ALL = `
  select ${ORDER_COLUMNS} from orders.orders as o
  where $1::bigint is null and ${FILTER}
    and ($3::bigint is null or (o.created_at, o.id) < (select created_at, id from orders.orders where id = $3))
  order by o.created_at desc, o.id desc limit $4`;

const PAYMENTS_OF = `
  select ${PAYMENT_COLUMNS} from orders.payments as y
  where y.order_id = $1 and ($2::bigint is null or y.id < $2) order by y.id desc limit $3`;
const REFUNDS_OF = `
  select ${REFUND_COLUMNS} from orders.refunds as r
  where r.order_id = $1 and ($2::bigint is null or r.id < $2) order by r.id desc limit $3`;

// The first entries of partial indexes.
const DUE_ORDERS = `
  select ${ORDER_COLUMNS} from orders.orders as o where o.resume_at <= $1 order by o.resume_at, o.id limit $2`;
const DUE_REFUNDS = `
  select ${REFUND_COLUMNS} from orders.refunds as r where r.resume_at <= $1 order by r.resume_at, r.id limit $2`;
const NEXT_DUE = `
  select least((select min(resume_at) from orders.orders), (select min(resume_at) from orders.refunds)) as at`;

export function postgresOrderReader({ pool }: Database): OrderReader & MoneyReader {
  async function rowsOf<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    const { rows } = await pool.query<Row & pg.QueryResultRow>(text, [...values]);
    return rows;
  }
  return {
    async findOrder(id) {
      const [row] = await rowsOf<OrderRow>(FIND_ORDER, [id]);
      return row && toOrder(row);
    },
    async listOrders({ userId, storeId, status, fromMs, toMs, before, limit }) {
      const common = [status ?? null, before ?? null, limit, dateOrNull(fromMs), dateOrNull(toMs)];
      if (userId !== undefined) {
        return (await rowsOf<OrderRow>(LIST_OF_USER, [userId, ...common, storeId ?? null])).map(toOrder);
      }
      const text = storeId === undefined ? LIST_OF_ALL : LIST_OF_STORE;
      return (await rowsOf<OrderRow>(text, [storeId ?? null, ...common])).map(toOrder);
    },
    async paymentsOf(orderId, before, limit) {
      return (await rowsOf<PaymentRow>(PAYMENTS_OF, [orderId, before ?? null, limit])).map((row) =>
        PAYMENT.fromModel(row),
      );
    },
    async refundsOf(orderId, before, limit) {
      return (await rowsOf<RefundRow>(REFUNDS_OF, [orderId, before ?? null, limit])).map(toRefund);
    },
    async findPayment(id) {
      const [row] = await rowsOf<PaymentRow>(FIND_PAYMENT, [id]);
      return row && PAYMENT.fromModel(row);
    },
    async findRefund(id) {
      const [row] = await rowsOf<RefundRow>(FIND_REFUND, [id]);
      return row && toRefund(row);
    },
    async dueOrders(nowMs, limit) {
      return (await rowsOf<OrderRow>(DUE_ORDERS, [new Date(nowMs), limit])).map(toOrder);
    },
    async dueRefunds(nowMs, limit) {
      return (await rowsOf<RefundRow>(DUE_REFUNDS, [new Date(nowMs), limit])).map(toRefund);
    },
    async nextDueMs() {
      const [row] = await rowsOf<{ at: Date | null }>(NEXT_DUE, []);
      return row?.at?.getTime();
    },
  };
}

const dateOrNull = (ms: number | undefined): Date | null => (ms === undefined ? null : new Date(ms));
