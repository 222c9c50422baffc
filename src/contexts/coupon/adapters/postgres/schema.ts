import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, pgSchema, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core';

export const couponSchema = pgSchema('coupon');

const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** One row a policy. Everything that changes it, issuing included, happens under this row's lock. */
export const couponPolicies = couponSchema.table(
  'coupon_policies',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey(),
    name: text('name').notNull(),
    description: text('description').notNull(),
    code: text('code'),
    discountType: text('discount_type').notNull(),
    /** Smallest unit, or basis points when it is a percentage. */
    discountValue: bigint('discount_value', { mode: 'bigint' }).notNull(),
    minimumOrderAmount: bigint('minimum_order_amount', { mode: 'bigint' }).notNull(),
    maxDiscountAmount: bigint('max_discount_amount', { mode: 'bigint' }),
    distributionType: text('distribution_type').notNull(),
    maxIssueCount: integer('max_issue_count'),
    maxIssuePerUser: integer('max_issue_per_user').notNull(),
    validDays: integer('valid_days'),
    expireAt: instant('expire_at'),
    validFrom: instant('valid_from').notNull(),
    validUntil: instant('valid_until').notNull(),
    storeId: bigint('store_id', { mode: 'bigint' }),
    timezone: text('timezone').notNull(),
    triggerEventType: text('trigger_event_type'),
    restoreOnRefund: boolean('restore_on_refund').notNull(),
    status: text('status').notNull(),
    /** Coupons that count against max_issue_count: issued and not returned. */
    currentIssueCount: integer('current_issue_count').notNull().default(0),
    /** The last sequence number given; never falls. */
    lastSequenceNo: integer('last_sequence_no').notNull().default(0),
    /** Rises when a refusal given before may no longer be true: nodes forget what they remember. */
    refusalEpoch: integer('refusal_epoch').notNull().default(0),
    version: integer('version').notNull().default(1),
    createdBy: bigint('created_by', { mode: 'bigint' }).notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    uniqueIndex('coupon_policies_code').on(table.code),
    index('coupon_policies_store').on(table.storeId, table.id),
    check(
      'coupon_policies_count',
      sql`${table.currentIssueCount} between 0 and coalesce(${table.maxIssueCount}, 2147483647)`,
    ),
    check('coupon_policies_sequence', sql`${table.lastSequenceNo} >= ${table.currentIssueCount}`),
  ],
);

/** One row a coupon. No foreign key to its policy: it would lock the hot row once more for every coupon. */
export const couponIssues = couponSchema.table(
  'coupon_issues',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey(),
    policyId: bigint('policy_id', { mode: 'bigint' }).notNull(),
    userId: bigint('user_id', { mode: 'bigint' }).notNull(),
    sequenceNo: integer('sequence_no').notNull(),
    /** Which of the user's max_issue_per_user places this coupon takes; null once it is cancelled. */
    slot: integer('slot'),
    version: integer('version').notNull().default(1),
    issuedAt: instant('issued_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
    reservedAt: instant('reserved_at'),
    /** Its cancellation gave the place in max_issue_count back. */
    returned: boolean('returned').notNull().default(false),
    status: text('status').notNull().default('ISSUED'),
    code: text('code'),
    reservationId: text('reservation_id'),
    orderId: text('order_id'),
  },
  (table) => [
    uniqueIndex('coupon_issues_sequence').on(table.policyId, table.sequenceNo),
    // Holds the limit per user, and finds a user's coupons.
    uniqueIndex('coupon_issues_holding').on(table.userId, table.policyId, table.slot),
    uniqueIndex('coupon_issues_code').on(table.code).where(sql`${table.code} is not null`),
  ],
);

/** Who changed a policy by hand, when and why. Only ever added to. */
export const couponPolicyChanges = couponSchema.table(
  'coupon_policy_changes',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey(),
    policyId: bigint('policy_id', { mode: 'bigint' }).notNull(),
    kind: text('kind').notNull(),
    changedBy: text('changed_by').notNull(),
    reason: text('reason').notNull(),
    version: integer('version').notNull(),
    maxIssueCount: integer('max_issue_count'),
    status: text('status').notNull(),
    changedAt: instant('changed_at').notNull(),
  },
  (table) => [index('coupon_policy_changes_policy').on(table.policyId, table.id)],
);
