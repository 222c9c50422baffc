import { getTableColumns, type InferSelectModel } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Ending, Order, OrderLine, OrderState, Payment, Refund, RefundLine } from '../../domain/order.ts';
import { orders, payments, products, refunds, timeSales } from './schema.ts';

/** All columns of a table, under their names in schema.ts. */
const columnsOf = (table: PgTable, alias: string): string =>
  Object.entries(getTableColumns(table))
    .map(([name, column]) => `${alias}.${column.name} as "${name}"`)
    .join(', ');

export const PRODUCT_COLUMNS = columnsOf(products, 'p');
export const TIME_SALE_COLUMNS = columnsOf(timeSales, 's');
export const PAYMENT_COLUMNS = columnsOf(payments, 'y');

// Lines are read with their order, so that both are of one snapshot. 64-bit numbers are text, because JSON numbers would be rounded.
export const ORDER_COLUMNS = `${columnsOf(orders, 'o')}, (
    select json_agg(json_build_array(l.line, l.product_id::text, l.time_sale_id::text, l.product_name, l.quantity,
      l.unit_price::text, l.coupon_discount::text, l.points_used::text, l.refunded_quantity) order by l.line)
    from orders.order_lines as l where l.order_id = o.id) as lines`;

export const REFUND_COLUMNS = `${columnsOf(refunds, 'r')}, (
    select json_agg(json_build_array(l.line, l.quantity, l.money::text, l.points::text) order by l.line)
    from orders.refund_lines as l where l.refund_id = r.id) as lines`;

type LineTuple = readonly [number, string, string | null, string, number, string, string, string, number];
type RefundLineTuple = readonly [line: number, quantity: number, money: string, points: string];

export interface OrderRow extends InferSelectModel<typeof orders> {
  readonly lines: readonly LineTuple[] | null;
}
export type PaymentRow = InferSelectModel<typeof payments>;
export interface RefundRow extends InferSelectModel<typeof refunds> {
  readonly lines: readonly RefundLineTuple[] | null;
}

export const toOrder = (row: OrderRow): Order => ({
  id: row.id,
  userId: row.userId,
  key: row.key,
  contentHash: row.contentHash,
  state: toState(row),
  lines: (row.lines ?? []).map(toLine),
  couponId: row.couponId,
  usePoints: row.usePoints,
  expectedTotal: row.expectedTotal,
  subtotal: row.subtotal,
  couponDiscount: row.couponDiscount,
  pointsUsed: row.pointsUsed,
  refundedAmount: row.refundedAmount,
  refundedPoints: row.refundedPoints,
  createdAtMs: row.createdAt.getTime(),
  reservedAtMs: row.reservedAt?.getTime() ?? null,
  expiresAtMs: row.expiresAt.getTime(),
  resumeAtMs: msOrNever(row.resumeAt),
  attempts: row.attempts,
  version: row.version,
});

function toState(row: OrderRow): OrderState {
  const { status, step, paymentId, paidAt, endedAt } = row;
  switch (status) {
    case 'PENDING':
    case 'RESERVED':
      if (row.ending !== null && isReleasing(step))
        return { status: 'ENDING', step, was: status, ending: toEnding(row) };
      if (row.ending !== null) break;
      if (status === 'PENDING' && isPlacing(step)) return { status, step };
      if (status === 'RESERVED' && step === null) return { status, step };
      if (status === 'RESERVED' && isPaying(step) && paymentId !== null) return { status, step, paymentId };
      break;
    case 'PAID':
    case 'REFUNDED':
      if (paymentId !== null && paidAt) return { status, step: null, paymentId, paidAtMs: paidAt.getTime() };
      break;
    case row.ending:
      if (endedAt) return { status: 'ENDED', step: null, ending: toEnding(row), endedAtMs: endedAt.getTime() };
      break;
    default:
  }
  throw new Error(`order ${row.id} has an unknown state: ${status} ${step ?? ''}`);
}

const isPlacing = (step: string | null) => step === 'RESERVE_COUPON' || step === 'HOLD_POINTS';
const isPaying = (step: string | null) =>
  step === 'TAKE_MONEY' || step === 'CONFIRM_COUPON' || step === 'CAPTURE_POINTS';
const isReleasing = (step: string | null) => step === 'RELEASE_POINTS' || step === 'RELEASE_COUPON';

function toEnding({ id, ending, refusalCode, refusalDetails }: OrderRow): Ending {
  if (ending === 'CANCELLED' || ending === 'EXPIRED') return { status: ending };
  if (ending === 'FAILED' && refusalCode !== null) {
    return { status: ending, refusal: { code: refusalCode, details: toDetails(refusalDetails) } };
  }
  throw new Error(`order ${id} has an unknown ending: ${ending}`);
}

/** Written from a Refusal by this context only. */
const toDetails = (details: unknown) => (details ?? {}) as Readonly<Record<string, string>>;

const toLine = ([line, productId, timeSaleId, productName, quantity, ...rest]: LineTuple): OrderLine => ({
  line,
  productId: BigInt(productId),
  timeSaleId: timeSaleId === null ? null : BigInt(timeSaleId),
  productName,
  quantity,
  unitPrice: BigInt(rest[0]),
  couponDiscount: BigInt(rest[1]),
  pointsUsed: BigInt(rest[2]),
  refundedQuantity: rest[3],
});

export const toPayment = ({ refusalCode, refusalDetails, createdAt, settledAt, ...row }: PaymentRow): Payment => ({
  ...row,
  method: row.method as Payment['method'],
  status: row.status as Payment['status'],
  refusal: refusalCode === null ? null : { code: refusalCode, details: toDetails(refusalDetails) },
  createdAtMs: createdAt.getTime(),
  settledAtMs: settledAt?.getTime() ?? null,
});

export const toRefund = ({ createdAt, resumeAt, lines, ...row }: RefundRow): Refund => ({
  ...row,
  step: row.step as Refund['step'],
  lines: (lines ?? []).map(toRefundLine),
  createdAtMs: createdAt.getTime(),
  resumeAtMs: msOrNever(resumeAt),
});

const toRefundLine = ([line, quantity, money, points]: RefundLineTuple): RefundLine => ({
  line,
  quantity,
  money: BigInt(money),
  points: BigInt(points),
});

const msOrNever = (at: Date | null): number => at?.getTime() ?? Number.POSITIVE_INFINITY;
