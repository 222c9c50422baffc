import { getTableColumns, type InferSelectModel } from 'drizzle-orm';
import { type JsonTuple, jsonTuples } from '../../../../platform/postgres/json-tuples.ts';
import { group, millis, millisOrNever, shared } from '../../../../platform/postgres/mapped-fields.ts';
import { modelColumns, tableMapping } from '../../../../platform/postgres/table-mapping.ts';
import type { Order, Payment, Refund } from '../../domain/order.ts';
import { orderState } from './order-state.ts';
import {
  orderHistory,
  orderLines,
  orders,
  payments,
  productDailySales,
  refundLines,
  refunds,
  timeSaleBuyers,
} from './schema.ts';

// An INSERT writes the columns that change first, in the order of the UPDATE, and then the others in the order of the schema.

const orderChange = {
  id: orders.id,
  state: orderState,
  couponDiscount: orders.couponDiscount,
  pointsUsed: orders.pointsUsed,
  refundedAmount: orders.refundedAmount,
  refundedPoints: orders.refundedPoints,
  expiresAtMs: millis(orders.expiresAt),
  resumeAtMs: millisOrNever(orders.resumeAt),
  attempts: orders.attempts,
  version: orders.version,
  reservedAtMs: millis(orders.reservedAt),
};
export const ORDER_CHANGE = tableMapping(orders, orderChange);
export const ORDER = tableMapping(orders, {
  ...orderChange,
  userId: orders.userId,
  key: orders.key,
  contentHash: orders.contentHash,
  couponId: orders.couponId,
  usePoints: orders.usePoints,
  expectedTotal: orders.expectedTotal,
  currency: orders.currency,
  subtotal: orders.subtotal,
  createdAtMs: millis(orders.createdAt),
});

const lineChange = {
  couponDiscount: orderLines.couponDiscount,
  pointsUsed: orderLines.pointsUsed,
  refundedQuantity: orderLines.refundedQuantity,
};
export const LINE_CHANGES = Object.keys(lineChange) as (keyof typeof lineChange)[];
const lineKey = { orderId: orderLines.orderId, line: orderLines.line };
export const LINE_CHANGE = tableMapping(orderLines, { ...lineKey, ...lineChange });
const { orderId, ...line } = getTableColumns(orderLines);
export const LINE = tableMapping(orderLines, { ...lineKey, ...lineChange, ...line });

const paymentChange = {
  id: payments.id,
  status: payments.status,
  amount: payments.amount,
  providerRef: payments.providerRef,
  reportedId: payments.reportedId,
  providerUrl: payments.providerUrl,
  refusal: group(
    { code: payments.refusalCode, details: payments.refusalDetails },
    ({ code, details }): Payment['refusal'] => (code === null ? null : { code, details: details ?? {} }),
    (refusal) => refusal ?? { code: null, details: null },
  ),
  settledAtMs: millis(payments.settledAt),
};
export const PAYMENT_CHANGE = tableMapping(payments, paymentChange);
export const PAYMENT = tableMapping(payments, {
  ...paymentChange,
  orderId: payments.orderId,
  userId: payments.userId,
  method: payments.method,
  key: payments.key,
  contentHash: payments.contentHash,
  createdAtMs: millis(payments.createdAt),
});
export const PAYMENT_COLUMNS = modelColumns(payments, 'y');

const refundChange = {
  id: refunds.id,
  step: refunds.step,
  resumeAtMs: millisOrNever(refunds.resumeAt),
  attempts: refunds.attempts,
};
export const REFUND_CHANGE = tableMapping(refunds, refundChange);
export const REFUND = tableMapping(refunds, {
  ...refundChange,
  orderId: refunds.orderId,
  paymentId: refunds.paymentId,
  key: refunds.key,
  contentHash: refunds.contentHash,
  money: refunds.money,
  points: refunds.points,
  restoresCoupon: refunds.restoresCoupon,
  reason: refunds.reason,
  by: refunds.by,
  createdAtMs: millis(refunds.createdAt),
});

export const REFUND_LINE = tableMapping(refundLines, getTableColumns(refundLines));
export const BUYER = tableMapping(timeSaleBuyers, getTableColumns(timeSaleBuyers));
export const DAILY_SALE = tableMapping(productDailySales, getTableColumns(productDailySales));

const { groupId, at, ...history } = getTableColumns(orderHistory);
export const HISTORY = tableMapping(orderHistory, { ...history, groupId: shared(groupId), atMs: shared(millis(at)) });

// Lines are read with their order or refund, so that both are of one snapshot.
const lines = jsonTuples(line);
export const ORDER_COLUMNS = `${modelColumns(orders, 'o')}, (
    select json_agg(${lines.build('l')} order by l.line)
    from orders.order_lines as l where l.order_id = o.id) as lines`;

const { refundId, ...refundLine } = getTableColumns(refundLines);
const linesOfRefund = jsonTuples(refundLine);
export const REFUND_COLUMNS = `${modelColumns(refunds, 'r')}, (
    select json_agg(${linesOfRefund.build('l')} order by l.line)
    from orders.refund_lines as l where l.refund_id = r.id) as lines`;

interface WithLines {
  readonly lines: readonly JsonTuple[] | null;
}
export type OrderRow = InferSelectModel<typeof orders> & WithLines;
export type PaymentRow = InferSelectModel<typeof payments>;
export type RefundRow = InferSelectModel<typeof refunds> & WithLines;

export const toOrder = (row: OrderRow): Order => ORDER.fromModel(row, { lines: (row.lines ?? []).map(lines.read) });

export const toRefund = (row: RefundRow): Refund =>
  REFUND.fromModel(row, { lines: (row.lines ?? []).map(linesOfRefund.read) });
