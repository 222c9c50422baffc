import { sql } from 'drizzle-orm';
import {
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
import { CHARGE_STATUSES } from '../../domain/charges/charge.ts';
import { TRANSACTION_TYPES } from '../../domain/postings/transaction.ts';
import type { PointRefusal } from '../../refusals.ts';

export const pointSchema = pgSchema('point');

const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const int8 = (name: string) => bigint(name, { mode: 'bigint' });

/** One row for each user. Points are moved only under this row's lock. */
export const accounts = pointSchema.table(
  'accounts',
  {
    userId: int8('user_id').primaryKey(),
    /** The rest of the user's lots: the sum of the USER entries. */
    balance: int8('balance').notNull().default(sql`0`),
    /** The sum of the HELD entries. */
    held: int8('held').notNull().default(sql`0`),
    /** What the user owes: minus the sum of the RECEIVABLE entries. */
    receivable: int8('receivable').notNull().default(sql`0`),
    /** The sum of the open charges, for which room under the balance cap is kept. */
    charging: int8('charging').notNull().default(sql`0`),
  },
  (table) => [
    check('accounts_not_negative', sql`${table.balance} >= 0 and ${table.held} >= 0`),
    check('accounts_receivable', sql`${table.receivable} >= 0`),
    check('accounts_charging', sql`${table.charging} >= 0`),
  ],
);

/** The transactions of the ledger. Insert-only. */
export const transactions = pointSchema.table(
  'transactions',
  {
    id: int8('id').primaryKey(),
    userId: int8('user_id').notNull(),
    type: text('type', { enum: TRANSACTION_TYPES }).notNull(),
    /** The change of the user's balance. */
    amount: int8('amount').notNull(),
    /** The visible balance after the transaction. */
    balance: int8('balance').notNull(),
    /** The change of what the user owes. */
    receivable: int8('receivable').notNull().default(sql`0`),
    key: text('key'),
    contentHash: text('content_hash'),
    orderId: text('order_id'),
    reason: text('reason'),
    sourceId: int8('source_id'),
    by: text('by'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    // Ensures one effect for each key, even if the code had a bug.
    uniqueIndex('transactions_key').on(table.userId, table.key),
    index('transactions_history').on(table.userId, table.id),
  ],
);

/** Two or more for each transaction; their amounts sum to 0. Insert-only. */
export const entries = pointSchema.table(
  'entries',
  {
    transactionId: int8('transaction_id').notNull(),
    line: smallint('line').notNull(),
    /** USER, HELD, ISSUER, SPENT, EXPIRED or RECEIVABLE, for each user separately, so that no row is shared by all users. */
    account: text('account').notNull(),
    userId: int8('user_id').notNull(),
    amount: int8('amount').notNull(),
  },
  (table) => [primaryKey({ columns: [table.transactionId, table.line] })],
);

/** Points of one credit; the id is that of its transaction. */
export const lots = pointSchema.table(
  'lots',
  {
    id: int8('id').primaryKey(),
    userId: int8('user_id').notNull(),
    amount: int8('amount').notNull(),
    remaining: int8('remaining').notNull(),
    /** How many of its points expired and were removed. */
    expired: int8('expired').notNull().default(sql`0`),
    /** Whether points are left. A separate column, so that an update of `remaining` changes no index. */
    open: boolean('open').notNull(),
    /** Null: from the start. */
    availableAt: instant('available_at'),
    /** First moment at which it has expired; infinity = never, which the driver reads as a number. */
    expiresAt: instant('expires_at').$type<Date | number>().notNull(),
  },
  (table) => [
    // The order of spending.
    index('lots_spending').on(table.userId, table.expiresAt, table.id).where(sql`${table.open}`),
    // Points that become available later.
    index('lots_pending')
      .on(table.userId, table.availableAt)
      .where(sql`${table.open} and ${table.availableAt} is not null`),
    // Finds the lots that expire.
    index('lots_expiring').on(table.expiresAt, table.id).where(sql`${table.open} and ${table.expiresAt} < 'infinity'`),
    check('lots_remaining', sql`${table.remaining} between 0 and ${table.amount}`),
    check('lots_open', sql`${table.open} = (${table.remaining} > 0)`),
  ],
);

/** The changes of lots by transactions, in their order. Insert-only. */
export const lotMoves = pointSchema.table(
  'lot_moves',
  {
    transactionId: int8('transaction_id').notNull(),
    line: integer('line').notNull(),
    lotId: int8('lot_id').notNull(),
    amount: int8('amount').notNull(),
  },
  (table) => [primaryKey({ columns: [table.transactionId, table.line] })],
);

/** The points that orders hold or have spent. */
export const holds = pointSchema.table(
  'holds',
  {
    userId: int8('user_id').notNull(),
    orderId: text('order_id').notNull(),
    amount: int8('amount').notNull(),
    /** The transaction that took the points: HOLD, or CAPTURE when they were spent at once; null when none did. */
    transactionId: int8('transaction_id'),
    state: text('state', { enum: ['HELD', 'RELEASED', 'CAPTURED'] }).notNull(),
    refunded: int8('refunded').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.orderId] }),
    check('holds_refunded', sql`${table.refunded} between 0 and ${table.amount}`),
  ],
);

/** Refusals that were returned for a key, stored for a day. */
export const refusals = pointSchema.table(
  'refusals',
  {
    userId: int8('user_id').notNull(),
    key: text('key').notNull(),
    contentHash: text('content_hash').notNull(),
    code: text('code').$type<PointRefusal['code']>().notNull(),
    details: jsonb('details').$type<PointRefusal['details']>().notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.key] }), index('refusals_created').on(table.createdAt)],
);

/** Points that customers pay for at the payment provider. The id is also that of the payment there. */
export const charges = pointSchema.table(
  'charges',
  {
    id: int8('id').primaryKey(),
    userId: int8('user_id').notNull(),
    amount: int8('amount').notNull(),
    /** ISO 4217, of the time when it was opened: its money is in it. */
    currency: text('currency').notNull().default('KRW'),
    key: text('key').notNull(),
    contentHash: text('content_hash').notNull(),
    status: text('status', { enum: CHARGE_STATUSES }).notNull(),
    step: text('step', { enum: ['REQUEST_PAYMENT'] }),
    transactionId: int8('transaction_id'),
    /** After the points were credited. */
    balance: int8('balance'),
    refusalCode: text('refusal_code').$type<PointRefusal['code']>(),
    refusalDetails: jsonb('refusal_details').$type<PointRefusal['details']>(),
    providerRef: text('provider_ref'),
    reportedId: int8('reported_id'),
    providerUrl: text('provider_url'),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    settledAt: instant('settled_at'),
    /** When the scheduler continues; null = never. */
    resumeAt: instant('resume_at'),
    attempts: smallint('attempts').notNull(),
    /** Changes with each write, so that a lost COMMIT can be looked up. */
    revision: int8('revision').notNull(),
  },
  (table) => [
    uniqueIndex('charges_key').on(table.userId, table.key),
    index('charges_open').on(table.userId, table.id).where(sql`${table.status} = 'PENDING'`),
    index('charges_due').on(table.resumeAt).where(sql`${table.resumeAt} is not null`),
    check('charges_amount', sql`${table.amount} > 0`),
  ],
);

/** Money of charges that goes back. */
export const chargeRefunds = pointSchema.table(
  'charge_refunds',
  {
    id: int8('id').primaryKey(),
    chargeId: int8('charge_id').notNull(),
    userId: int8('user_id').notNull(),
    /** Names the payment within its charge. */
    reference: text('reference').notNull(),
    paymentId: int8('payment_id').notNull(),
    providerRef: text('provider_ref'),
    amount: int8('amount').notNull(),
    reason: text('reason').notNull(),
    createdAt: instant('created_at').notNull(),
    doneAt: instant('done_at'),
    resumeAt: instant('resume_at'),
    attempts: smallint('attempts').notNull(),
    revision: int8('revision').notNull(),
  },
  (table) => [
    // A payment is refunded once, by whichever of its names it is reported.
    uniqueIndex('charge_refunds_payment').on(table.chargeId, table.reference),
    uniqueIndex('charge_refunds_provider_ref').on(table.chargeId, table.providerRef),
    index('charge_refunds_due').on(table.resumeAt).where(sql`${table.resumeAt} is not null`),
    check('charge_refunds_amount', sql`${table.amount} > 0`),
  ],
);

/** The points that users have earned with their orders. */
export const orderEarnings = pointSchema.table(
  'order_earnings',
  {
    userId: int8('user_id').notNull(),
    orderId: text('order_id').notNull(),
    /** What was paid in money, and the rate of that time; null until it is known. */
    paidMoney: int8('paid_money'),
    rateBp: int8('rate_bp'),
    refunded: int8('refunded').notNull(),
    /** Null when there were no points to give. */
    transactionId: int8('transaction_id'),
    earned: int8('earned').notNull(),
    /** How many of them were taken back. */
    taken: int8('taken').notNull(),
    revision: int8('revision').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.orderId] }),
    check('order_earnings_taken', sql`${table.taken} between 0 and ${table.earned}`),
  ],
);

/** The notices of coming expiry that were published. */
export const expiryNotices = pointSchema.table(
  'expiry_notices',
  {
    userId: int8('user_id').notNull(),
    /** On which the points expire. */
    day: date('day').notNull(),
    daysAhead: smallint('days_ahead').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.day, table.daysAhead] })],
);
