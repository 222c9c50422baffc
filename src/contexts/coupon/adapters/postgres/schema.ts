import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import {
  COUPON_STATUSES,
  DISCOUNT_TYPES,
  DISTRIBUTION_TYPES,
  JOB_KINDS,
  JOB_STATUSES,
  POLICY_STATUSES,
  RESERVATION_STATUSES,
} from '../../domain/enumerations.ts';
import { STEP_KINDS } from '../../domain/lifecycle/lifecycle-decision.ts';

export const couponSchema = pgSchema('coupon');

const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** One row per policy. All changes of it, issuing included, happen under this row's lock. */
export const couponPolicies = couponSchema.table(
  'coupon_policies',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey(),
    name: text('name').notNull(),
    description: text('description').notNull(),
    /** The shared code, as printed. Another policy may have it once this one has ended. */
    code: text('code'),
    discountType: text('discount_type', { enum: DISCOUNT_TYPES }).notNull(),
    /** Smallest unit, or basis points when it is a percentage. */
    discountValue: bigint('discount_value', { mode: 'bigint' }).notNull(),
    minimumOrderAmount: bigint('minimum_order_amount', { mode: 'bigint' }).notNull(),
    maxDiscountAmount: bigint('max_discount_amount', { mode: 'bigint' }),
    distributionType: text('distribution_type', { enum: DISTRIBUTION_TYPES }).notNull(),
    maxIssueCount: integer('max_issue_count'),
    maxIssuePerUser: integer('max_issue_per_user').notNull(),
    /** The highest earlier limit; 0 when there was none. Users may hold as many coupons as it allowed. */
    formerIssuePerUser: integer('former_issue_per_user').notNull().default(0),
    validDays: integer('valid_days'),
    expireAt: instant('expire_at'),
    validFrom: instant('valid_from').notNull(),
    validUntil: instant('valid_until').notNull(),
    storeId: bigint('store_id', { mode: 'bigint' }),
    /** The version at which the store was OPEN when the policy was bound to it. */
    storeVersion: integer('store_version'),
    timezone: text('timezone').notNull(),
    triggerEventType: text('trigger_event_type'),
    restoreOnRefund: boolean('restore_on_refund').notNull(),
    /** The version of the terms above: a new coupon keeps it. Its row of coupon_policy_terms has the same values. */
    termsVersion: integer('terms_version').notNull().default(1),
    /** Issued coupons with an earlier version have the terms of this one. */
    termsFloor: integer('terms_floor').notNull().default(1),
    /** Why it is suspended; null = it is not. */
    suspensionReason: text('suspension_reason'),
    status: text('status', { enum: POLICY_STATUSES }).notNull(),
    /** Coupons that count against max_issue_count: issued and not returned to the stock. */
    currentIssueCount: integer('current_issue_count').notNull().default(0),
    /** The highest sequence number; it never decreases. */
    lastSequenceNo: integer('last_sequence_no').notNull().default(0),
    /** Increases when an earlier refusal may no longer be valid; the refusal caches of nodes are then invalid. */
    refusalEpoch: integer('refusal_epoch').notNull().default(0),
    /**
     * Increases when a node fences off a statement whose response was lost: that statement expects the previous value.
     */
    fence: integer('fence').notNull().default(0),
    version: integer('version').notNull().default(1),
    createdBy: bigint('created_by', { mode: 'bigint' }).notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    index('coupon_policies_store').on(table.storeId, table.id),
    // Find the next transitions. Their conditions use no column that issuing writes before the last coupon.
    index('coupon_policies_opening').on(table.validFrom).where(sql`${table.status} = 'PENDING'`),
    index('coupon_policies_ending').on(table.validUntil).where(sql`${table.status} <> 'ENDED'`),
    index('coupon_policies_trigger').on(table.triggerEventType).where(sql`${table.triggerEventType} is not null`),
    check(
      'coupon_policies_count',
      sql`${table.currentIssueCount} between 0 and coalesce(${table.maxIssueCount}, 2147483647)`,
    ),
    check('coupon_policies_sequence', sql`${table.lastSequenceNo} >= ${table.currentIssueCount}`),
    check('coupon_policies_terms', sql`${table.termsFloor} between 1 and ${table.termsVersion}`),
  ],
);

/** Stores that were closed, with their latest version at which they were: no policy may be bound to an earlier one any more. */
export const closedStores = couponSchema.table('closed_stores', {
  storeId: bigint('store_id', { mode: 'bigint' }).primaryKey(),
  version: integer('version').notNull(),
});

/** Every version of the terms that a coupon keeps. Rows are never changed. */
export const couponPolicyTerms = couponSchema.table(
  'coupon_policy_terms',
  {
    policyId: bigint('policy_id', { mode: 'bigint' }).notNull(),
    version: integer('version').notNull(),
    discountType: text('discount_type', { enum: DISCOUNT_TYPES }).notNull(),
    discountValue: bigint('discount_value', { mode: 'bigint' }).notNull(),
    minimumOrderAmount: bigint('minimum_order_amount', { mode: 'bigint' }).notNull(),
    maxDiscountAmount: bigint('max_discount_amount', { mode: 'bigint' }),
    /** Only goods of this store are discounted; null = of any. */
    eligibleStoreId: bigint('eligible_store_id', { mode: 'bigint' }),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.policyId, table.version] })],
);

/** One row per coupon. No foreign key to its policy: it would lock the hot row once more for every coupon. */
export const couponIssues = couponSchema.table(
  'coupon_issues',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey(),
    policyId: bigint('policy_id', { mode: 'bigint' }).notNull(),
    userId: bigint('user_id', { mode: 'bigint' }).notNull(),
    sequenceNo: integer('sequence_no').notNull(),
    /** Which of the user's max_issue_per_user slots this coupon takes; null once it is cancelled. */
    slot: integer('slot'),
    version: integer('version').notNull().default(1),
    issuedAt: instant('issued_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
    reservedAt: instant('reserved_at'),
    /** Its cancellation returned the stock. */
    returned: boolean('returned').notNull().default(false),
    status: text('status', { enum: COUPON_STATUSES }).notNull().default('ISSUED'),
    code: text('code'),
    reservationId: text('reservation_id'),
    orderId: text('order_id'),
    /** The discount while it is USED. For a percentage that was used without an order it is unknown and stored as 0. */
    discountAmount: bigint('discount_amount', { mode: 'bigint' }),
    /** The event that issued it, for EVENT policies: one coupon per event and user. */
    eventId: text('event_id'),
    /** The version of its policy's terms when it was issued. */
    termsVersion: integer('terms_version').notNull().default(1),
  },
  (table) => [
    uniqueIndex('coupon_issues_sequence').on(table.policyId, table.sequenceNo),
    // Enforces the limit per user, and finds a user's coupons.
    uniqueIndex('coupon_issues_holding').on(table.userId, table.policyId, table.slot),
    // Ensures that a unique code is redeemed once. Returned stock includes the code.
    uniqueIndex('coupon_issues_code').on(table.code).where(sql`${table.code} is not null and not ${table.returned}`),
    uniqueIndex('coupon_issues_event')
      .on(table.policyId, table.userId, table.eventId)
      .where(sql`${table.eventId} is not null`),
    // Finds coupons to expire, and pages of those that expire soon. Coupons of a policy share their expiry, so new entries are neighbours.
    index('coupon_issues_expiring').on(table.expiresAt, table.id).where(sql`${table.status} = 'ISSUED'`),
    // Finds the coupon of an order that was used without a reservation: an order has one coupon.
    index('coupon_issues_used_order')
      .on(table.userId, table.orderId)
      .where(sql`${table.orderId} is not null and ${table.reservationId} is null`),
    // Finds the hours of a recount. Rows are stored in the order of issue, so a few bytes for each 32 pages are
    // sufficient.
    index('coupon_issues_issued').using('brin', table.issuedAt).with({ pages_per_range: 32, autosummarize: true }),
  ],
);

/** Records of manual changes of policies. Append-only. */
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
    status: text('status', { enum: POLICY_STATUSES }).notNull(),
    changedAt: instant('changed_at').notNull(),
  },
  (table) => [index('coupon_policy_changes_policy').on(table.policyId, table.id)],
);

/** SQL of `callerIdOf`. */
const callerIdIn = (id: AnyPgColumn) => sql`substring(${id} from '^[A-Z]+:[0-9]+:(.*)$')`;

/** One row per reservation, protected by the lock of its coupon. */
export const couponReservations = couponSchema.table(
  'coupon_reservations',
  {
    /** Origin, user and the id that the caller chose: `CUSTOMER:42:cart-1`. */
    id: text('id').primaryKey(),
    couponId: bigint('coupon_id', { mode: 'bigint' }).notNull(),
    userId: bigint('user_id', { mode: 'bigint' }).notNull(),
    orderId: text('order_id'),
    orderAmount: bigint('order_amount', { mode: 'bigint' }).notNull(),
    /** The part of it that the coupon may discount; null in rows from before it was recorded. */
    eligibleAmount: bigint('eligible_amount', { mode: 'bigint' }),
    /** Fixed when it was reserved. */
    discountAmount: bigint('discount_amount', { mode: 'bigint' }).notNull(),
    status: text('status', { enum: RESERVATION_STATUSES }).notNull().default('PENDING'),
    reservedAt: instant('reserved_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    endedAt: instant('ended_at'),
    /** A late payment could not be confirmed, and that was published, once. */
    confirmationFailed: boolean('confirmation_failed').notNull().default(false),
  },
  (table) => [
    // One coupon per order.
    uniqueIndex('coupon_reservations_order')
      .on(table.userId, table.orderId)
      .where(sql`${table.status} in ('PENDING', 'CONFIRMED') and ${table.orderId} is not null`),
    // Finds the reservations of an order in any state, for payments without a reservation id.
    index('coupon_reservations_orders').on(table.userId, table.orderId).where(sql`${table.orderId} is not null`),
    uniqueIndex('coupon_reservations_holding').on(table.couponId).where(sql`${table.status} = 'PENDING'`),
    index('coupon_reservations_user').on(table.userId).where(sql`${table.status} = 'PENDING'`),
    index('coupon_reservations_expiring').on(table.expiresAt).where(sql`${table.status} = 'PENDING'`),
    // Finds what a machine reserved by the id that it chose.
    index('coupon_reservations_service')
      .on(sql`${callerIdIn(table.id)}`)
      .where(sql`${table.id} like 'SERVICE:%'`),
    check('coupon_reservations_discount', sql`${table.discountAmount} between 0 and ${table.orderAmount}`),
  ],
);

/** The steps of a coupon after its issue, ordered by (coupon, version). Append-only. */
export const couponHistory = couponSchema.table(
  'coupon_history',
  {
    couponId: bigint('coupon_id', { mode: 'bigint' }).notNull(),
    /** The coupon's version after the step. */
    version: integer('version').notNull(),
    policyId: bigint('policy_id', { mode: 'bigint' }).notNull(),
    kind: text('kind', { enum: STEP_KINDS }).notNull(),
    /** The reason, where a step can have several: RELEASED, TIMEOUT, PAYMENT_FAILED, WITHDRAWN … */
    reason: text('reason'),
    reservationId: text('reservation_id'),
    orderId: text('order_id'),
    /** USED: the discount. RESTORED: the discount that no longer applies. */
    discountAmount: bigint('discount_amount', { mode: 'bigint' }),
    /** Who made a manual change, and their note. */
    changedBy: text('changed_by'),
    note: text('note'),
    /** The batch that wrote the row: a node looks for it when the response to its COMMIT is lost. */
    groupId: bigint('group_id', { mode: 'bigint' }).notNull(),
    at: instant('at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.couponId, table.version] }),
    index('coupon_history_time').on(table.policyId, table.at),
    index('coupon_history_at').using('brin', table.at).with({ pages_per_range: 32, autosummarize: true }),
  ],
);

/**
 * All codes, one row each: unique codes, redeemed or not (the coupon stores who redeemed one), and the shared codes of
 * policies. One table, so that no two codes are equal and one look-up finds any code.
 */
export const couponCodes = couponSchema.table(
  'coupon_codes',
  {
    /** The normalized code: capitals, no separators. */
    code: text('code').primaryKey(),
    policyId: bigint('policy_id', { mode: 'bigint' }).notNull(),
    /** The printed code. */
    shown: text('shown').notNull(),
    /**
     * The job that generated it, and its position there: the order of the export. Null: the shared code of its policy.
     */
    jobId: bigint('job_id', { mode: 'bigint' }),
    place: integer('place'),
    /** When a policy of another shard claimed it, which stores the code itself. Null: the policy is here. */
    claimedAt: instant('claimed_at'),
  },
  (table) => [uniqueIndex('coupon_codes_place').on(table.policyId, table.jobId, table.place)],
);

/**
 * The shapes of codes. A shape is stored before its first code; a code that fits no shape is refused without a look-up.
 */
export const couponCodeShapes = couponSchema.table(
  'coupon_code_shapes',
  {
    /** Length of the whole code. */
    length: integer('length').notNull(),
    prefix: text('prefix').notNull(),
    /** The alphabet after the prefix; empty: any symbols, and no check symbol. */
    symbols: text('symbols').notNull(),
  },
  (table) => [primaryKey({ columns: [table.length, table.prefix, table.symbols] })],
);

/**
 * Which shard has a reservation, a direct use of a coupon, or an order, by the names that callers give them. In shard 0 alone, and only of
 * reservations from outside.
 */
export const couponNameClaims = couponSchema.table(
  'coupon_name_claims',
  {
    name: text('name').notNull(),
    /** The reservation's id, or `USE:<coupon>`. */
    holder: text('holder').notNull(),
    shard: integer('shard').notNull(),
    /** How often it was claimed and not taken back: a claim whose request had no response stays. */
    tries: integer('tries').notNull(),
  },
  (table) => [primaryKey({ columns: [table.name, table.holder] })],
);

/**
 * Users whose reservations are counted in all shards, because they have many in one of them. Without shards there are none. A count that was
 * ended stays for a day, so that an older one does not begin after it.
 */
export const reservationCounts = couponSchema.table('reservation_counts', {
  userId: bigint('user_id', { mode: 'bigint' }).primaryKey(),
  /** Of the newest count. Only the reservation that carries it is made here. */
  token: bigint('token', { mode: 'bigint' }).notNull(),
  /** True: reservations here need no token again. */
  isEnded: boolean('is_ended').notNull(),
  countedAt: instant('counted_at').notNull(),
});

/** Where policies are that were moved to another shard than their ids name. In shard 0 alone. */
export const policyPlaces = couponSchema.table('policy_places', {
  policyId: bigint('policy_id', { mode: 'bigint' }).primaryKey(),
  shard: integer('shard').notNull(),
  fromShard: integer('from_shard').notNull(),
  /** False: the move has not ended, and the policy is in one of the two, or on its way. */
  isSettled: boolean('is_settled').notNull(),
  /** How often it was moved: it may be where it was before, and have been elsewhere meanwhile. */
  moves: integer('moves').notNull(),
});

/** The rows of policies that have left this shard, until they have arrived in the other one. */
export const policyMoves = couponSchema.table('policy_moves', {
  policyId: bigint('policy_id', { mode: 'bigint' }).primaryKey(),
  toShard: integer('to_shard').notNull(),
  /** By table. */
  rows: jsonb('rows').notNull(),
});

/** Jobs: work on many rows in the background, resumed where it stopped. */
export const couponJobs = couponSchema.table(
  'coupon_jobs',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey(),
    kind: text('kind', { enum: JOB_KINDS }).notNull(),
    policyId: bigint('policy_id', { mode: 'bigint' }).notNull(),
    createdBy: bigint('created_by', { mode: 'bigint' }).notNull(),
    params: jsonb('params').notNull(),
    status: text('status', { enum: JOB_STATUSES }).notNull(),
    total: integer('total').notNull().default(0),
    /** Advanced by the transaction of the effect. */
    done: integer('done').notNull().default(0),
    failed: integer('failed').notNull().default(0),
    error: text('error'),
    createdAt: instant('created_at').notNull(),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
    /** The runner that has the job, and until when in database time: after that another runner can resume it. */
    lease: uuid('lease'),
    leaseUntil: instant('lease_until'),
  },
  (table) => [index('coupon_jobs_waiting').on(table.id).where(sql`${table.status} in ('QUEUED', 'RUNNING')`)],
);

/** The uploaded input of a job, in parts; deleted when the job ends. */
export const couponJobInput = couponSchema.table(
  'coupon_job_input',
  {
    jobId: bigint('job_id', { mode: 'bigint' }).notNull(),
    part: integer('part').notNull(),
    /** Rows before this part. */
    rowsBefore: integer('rows_before').notNull(),
    lines: text('lines').array().notNull(),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.part] })],
);

/** The failed rows of jobs. */
export const couponJobErrors = couponSchema.table(
  'coupon_job_errors',
  {
    jobId: bigint('job_id', { mode: 'bigint' }).notNull(),
    /** 1 = the first line. */
    row: integer('row').notNull(),
    line: text('line').notNull(),
    code: text('code').notNull(),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.row] })],
);
