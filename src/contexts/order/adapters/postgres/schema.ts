import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  boolean,
  check,
  date,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import {
  ANNOUNCED,
  ENDINGS,
  ORDER_STATUSES,
  ORDER_STEPS,
  PAYMENT_METHODS,
  PAYMENT_STATUSES,
  REFUND_STEPS,
} from '../../domain/enumerations.ts';
import { LIMIT_PER_USER_MAX } from '../../domain/limits.ts';

export const orderSchema = pgSchema('orders');

const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const int8 = (name: string) => bigint(name, { mode: 'bigint' });

const isShown = ({ hidden, storeClosed }: Record<'hidden' | 'storeClosed', AnyPgColumn>) =>
  sql`not ${hidden} and not ${storeClosed}`;

/** One row for each product. Its units are moved only under this row's lock. */
export const products = orderSchema.table(
  'products',
  {
    id: int8('id').primaryKey(),
    name: text('name').notNull(),
    description: text('description').notNull(),
    price: int8('price').notNull(),
    supplied: integer('supplied').notNull(),
    stock: integer('stock').notNull(),
    reserved: integer('reserved').notNull().default(0),
    sold: integer('sold').notNull().default(0),
    storeId: int8('store_id'),
    hidden: boolean('hidden').notNull().default(false),
    storeClosed: boolean('store_closed').notNull().default(false),
    createdBy: int8('created_by').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    check('products_not_negative', sql`${table.stock} >= 0 and ${table.reserved} >= 0 and ${table.sold} >= 0`),
    check('products_price', sql`${table.price} > 0`),
    // The popular list of all time, read backwards. An index with desc() would have nulls last, which a plain ORDER BY cannot use.
    index('products_popular_shown').on(table.sold, table.id).where(isShown(table)),
    // Pages by number skip its entries without reading products.
    index('products_shown').on(table.id).where(isShown(table)),
    index('products_of_store').on(table.storeId, table.id),
  ],
);

/** Stores that were closed at least once. The newest event of a store decides about its products. */
export const storeStates = orderSchema.table('store_states', {
  storeId: int8('store_id').primaryKey(),
  /** Of the store when it was opened or closed. */
  version: integer('version').notNull(),
  closed: boolean('closed').notNull(),
});

export const timeSales = orderSchema.table(
  'time_sales',
  {
    id: int8('id').primaryKey(),
    productId: int8('product_id').notNull(),
    salePrice: int8('sale_price').notNull(),
    quantity: integer('quantity').notNull(),
    stock: integer('stock').notNull(),
    reserved: integer('reserved').notNull().default(0),
    sold: integer('sold').notNull().default(0),
    returned: integer('returned').notNull().default(0),
    restocks: integer('restocks').notNull().default(0),
    limitPerUser: integer('limit_per_user').notNull(),
    /** Users who bought under a higher limit keep their units. */
    limitHighest: integer('limit_highest').notNull().default(LIMIT_PER_USER_MAX),
    startsAt: instant('starts_at').notNull(),
    endsAt: instant('ends_at').notNull(),
    /** SCHEDULED, STARTED or ENDED: the published transitions. */
    announced: text('announced', { enum: ANNOUNCED }).notNull().default('SCHEDULED'),
    createdBy: int8('created_by').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    check(
      'time_sales_units',
      sql`${table.stock} >= 0 and ${table.reserved} >= 0 and ${table.sold} >= 0 and ${table.returned} >= 0
        and ${table.stock} + ${table.reserved} + ${table.sold} + ${table.returned} = ${table.quantity}`,
    ),
    // Empty when it was stopped before its start.
    check('time_sales_times', sql`${table.startsAt} <= ${table.endsAt}`),
    // The lower prices of a product.
    index('time_sales_product').on(table.productId, table.salePrice).where(sql`${table.announced} <> 'ENDED'`),
    index('time_sales_open').on(table.id).where(sql`${table.announced} <> 'ENDED'`),
    // The transitions to publish, by their time.
    index('time_sales_starting').on(table.startsAt).where(sql`${table.announced} = 'SCHEDULED'`),
    index('time_sales_ending').on(table.endsAt).where(sql`${table.announced} <> 'ENDED'`),
  ],
);

/** A user's units of a time sale: reserved and bought, minus refunded. */
export const timeSaleBuyers = orderSchema.table(
  'time_sale_buyers',
  {
    timeSaleId: int8('time_sale_id').notNull(),
    userId: int8('user_id').notNull(),
    quantity: integer('quantity').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.timeSaleId, table.userId] }),
    check('time_sale_buyers_not_negative', sql`${table.quantity} >= 0`),
  ],
);

/** The popular list of the last days reads it instead of counting orders. */
export const productDailySales = orderSchema.table(
  'product_daily_sales',
  {
    day: date('day').notNull(),
    productId: int8('product_id').notNull(),
    quantity: integer('quantity').notNull(),
  },
  (table) => [primaryKey({ columns: [table.day, table.productId] })],
);

/** In whose days daily sales are counted: one row, which stays once there are such days. See sales-calendar.ts. */
export const salesCalendar = orderSchema.table(
  'sales_calendar',
  {
    one: boolean('one').primaryKey().default(true),
    timeZone: text('time_zone').notNull(),
  },
  (table) => [check('sales_calendar_one', sql`${table.one}`)],
);

export const orders = orderSchema.table(
  'orders',
  {
    id: int8('id').primaryKey(),
    userId: int8('user_id').notNull(),
    key: text('key').notNull(),
    contentHash: text('content_hash').notNull(),
    /** The status that readers see: an ending order is still PENDING or RESERVED. */
    status: text('status', { enum: ORDER_STATUSES }).notNull(),
    /** The next step; null = at rest. */
    step: text('step', { enum: ORDER_STEPS }),
    /** CANCELLED, EXPIRED or FAILED, from the begin of the ending. */
    ending: text('ending', { enum: ENDINGS }),
    refusalCode: text('refusal_code'),
    refusalDetails: jsonb('refusal_details').$type<Refusal['details']>(),
    couponId: int8('coupon_id'),
    usePoints: int8('use_points').notNull(),
    expectedTotal: int8('expected_total'),
    /** ISO 4217, of the time when it was placed: its amounts, payments and refunds are of it. */
    currency: text('currency').notNull().default('KRW'),
    subtotal: int8('subtotal').notNull(),
    couponDiscount: int8('coupon_discount').notNull(),
    pointsUsed: int8('points_used').notNull(),
    paymentId: int8('payment_id'),
    refundedAmount: int8('refunded_amount').notNull().default(sql`0`),
    refundedPoints: int8('refunded_points').notNull().default(sql`0`),
    createdAt: instant('created_at').notNull(),
    reservedAt: instant('reserved_at'),
    expiresAt: instant('expires_at').notNull(),
    paidAt: instant('paid_at'),
    endedAt: instant('ended_at'),
    /** When the scheduler resumes the order; null = never. */
    resumeAt: instant('resume_at'),
    attempts: smallint('attempts').notNull().default(0),
    version: integer('version').notNull().default(1),
  },
  (table) => [
    // Ensures one order for each key, even if the code had a bug.
    uniqueIndex('orders_key').on(table.userId, table.key),
    index('orders_of_user').on(table.userId, table.id),
    // The lists of support, by time.
    index('orders_created').on(table.createdAt, table.id),
    // Counts a user's orders that are neither paid nor ended.
    index('orders_open').on(table.userId).where(sql`${table.status} in ('PENDING', 'RESERVED')`),
    index('orders_due').on(table.resumeAt, table.id).where(sql`${table.resumeAt} is not null`),
    check(
      'orders_total',
      sql`${table.couponDiscount} >= 0 and ${table.pointsUsed} >= 0 and ${table.couponDiscount} + ${table.pointsUsed} <= ${table.subtotal}`,
    ),
  ],
);

export const orderLines = orderSchema.table(
  'order_lines',
  {
    orderId: int8('order_id').notNull(),
    line: smallint('line').notNull(),
    productId: int8('product_id').notNull(),
    timeSaleId: int8('time_sale_id'),
    productName: text('product_name').notNull(),
    storeId: int8('store_id'),
    quantity: integer('quantity').notNull(),
    unitPrice: int8('unit_price').notNull(),
    couponDiscount: int8('coupon_discount').notNull().default(sql`0`),
    pointsUsed: int8('points_used').notNull().default(sql`0`),
    refundedQuantity: integer('refunded_quantity').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.orderId, table.line] }),
    // The orders of a store.
    index('order_lines_of_store').on(table.storeId, table.orderId).where(sql`${table.storeId} is not null`),
    check(
      'order_lines_quantity',
      sql`${table.quantity} > 0 and ${table.refundedQuantity} between 0 and ${table.quantity}`,
    ),
  ],
);

/** The changes of orders. Insert-only. */
export const orderHistory = orderSchema.table(
  'order_history',
  {
    orderId: int8('order_id').notNull(),
    version: integer('version').notNull(),
    status: text('status', { enum: ORDER_STATUSES }).notNull(),
    amount: int8('amount').notNull(),
    note: text('note'),
    /** The batch that wrote the row. A node looks for it after a lost COMMIT. */
    groupId: int8('group_id').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.orderId, table.version] })],
);

export const payments = orderSchema.table(
  'payments',
  {
    id: int8('id').primaryKey(),
    orderId: int8('order_id').notNull(),
    userId: int8('user_id').notNull(),
    method: text('method', { enum: PAYMENT_METHODS }).notNull(),
    amount: int8('amount').notNull(),
    status: text('status', { enum: PAYMENT_STATUSES }).notNull(),
    providerRef: text('provider_ref'),
    reportedId: int8('reported_id'),
    providerUrl: text('provider_url'),
    key: text('key'),
    contentHash: text('content_hash'),
    refusalCode: text('refusal_code'),
    refusalDetails: jsonb('refusal_details').$type<Refusal['details']>(),
    createdAt: instant('created_at').notNull(),
    settledAt: instant('settled_at'),
  },
  (table) => [
    uniqueIndex('payments_key').on(table.orderId, table.key),
    // An external payment may pay several orders.
    uniqueIndex('payments_provider_ref').on(table.orderId, table.providerRef),
    uniqueIndex('payments_reported_id').on(table.orderId, table.reportedId),
    check('payments_amount', sql`${table.amount} >= 0`),
  ],
);

export const refunds = orderSchema.table(
  'refunds',
  {
    id: int8('id').primaryKey(),
    orderId: int8('order_id').notNull(),
    paymentId: int8('payment_id').notNull(),
    key: text('key'),
    contentHash: text('content_hash'),
    money: int8('money').notNull(),
    points: int8('points').notNull(),
    restoresCoupon: boolean('restores_coupon').notNull(),
    /** The next step; null = done. */
    step: text('step', { enum: REFUND_STEPS }),
    reason: text('reason').notNull(),
    by: text('by').notNull(),
    createdAt: instant('created_at').notNull(),
    resumeAt: instant('resume_at'),
    attempts: smallint('attempts').notNull().default(0),
  },
  (table) => [
    uniqueIndex('refunds_key').on(table.orderId, table.key),
    index('refunds_due').on(table.resumeAt, table.id).where(sql`${table.resumeAt} is not null`),
  ],
);

/** Insert-only. */
export const refundLines = orderSchema.table(
  'refund_lines',
  {
    refundId: int8('refund_id').notNull(),
    line: smallint('line').notNull(),
    quantity: integer('quantity').notNull(),
    money: int8('money').notNull(),
    points: int8('points').notNull(),
  },
  (table) => [primaryKey({ columns: [table.refundId, table.line] })],
);

/** The data of the sandbox provider; the rest of this context does not read it. */
export const sandboxPayments = orderSchema.table(
  'sandbox_payments',
  {
    /** Part of the URL where the customer pays, so it cannot be guessed. */
    ref: text('ref').primaryKey(),
    paymentId: int8('payment_id').notNull(),
    orderId: int8('order_id').notNull(),
    amount: int8('amount').notNull(),
    /** PENDING, APPROVED or DECLINED. */
    status: text('status').notNull(),
    /** How many reports by webhook are left. */
    reportsLeft: smallint('reports_left').notNull().default(0),
    /** When the next report is due; null = none. */
    reportAt: instant('report_at'),
    /** How often that report failed. */
    attempts: smallint('attempts').notNull().default(0),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('sandbox_payments_payment').on(table.paymentId),
    index('sandbox_payments_due').on(table.reportAt).where(sql`${table.reportAt} is not null`),
  ],
);

export const sandboxRefunds = orderSchema.table(
  'sandbox_refunds',
  {
    refundId: int8('refund_id').primaryKey(),
    ref: text('ref').notNull(),
    amount: int8('amount').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('sandbox_refunds_payment').on(table.ref)],
);
