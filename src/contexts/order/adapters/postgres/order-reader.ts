import type pg from 'pg';
import type { Database } from '../../../../platform/postgres/database.ts';
import type { OrderReader } from '../../application/ports.ts';
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

const LIST_ORDERS = `
  select ${ORDER_COLUMNS} from orders.orders as o
  where o.user_id = $1 and ($2::text is null or o.status = $2) and ($3::bigint is null or o.id < $3)
  order by o.id desc limit $4`;

// The first entries of partial indexes.
const DUE_ORDERS = `
  select ${ORDER_COLUMNS} from orders.orders as o where o.resume_at <= $1 order by o.resume_at, o.id limit $2`;
const DUE_REFUNDS = `
  select ${REFUND_COLUMNS} from orders.refunds as r where r.resume_at <= $1 order by r.resume_at, r.id limit $2`;
const NEXT_DUE = `
  select least((select min(resume_at) from orders.orders), (select min(resume_at) from orders.refunds)) as at`;

export function postgresOrderReader({ pool }: Database): OrderReader {
  async function rowsOf<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    const { rows } = await pool.query<Row & pg.QueryResultRow>(text, [...values]);
    return rows;
  }
  return {
    async findOrder(id) {
      const [row] = await rowsOf<OrderRow>(FIND_ORDER, [id]);
      return row && toOrder(row);
    },
    async listOrders({ userId, status, before, limit }) {
      const rows = await rowsOf<OrderRow>(LIST_ORDERS, [userId, status ?? null, before ?? null, limit]);
      return rows.map(toOrder);
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
