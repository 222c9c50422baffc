import { sql } from 'drizzle-orm';
import {
  bigint,
  bigserial,
  boolean,
  check,
  date,
  index,
  integer,
  json,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { LANGUAGES } from '../../../../platform/kernel/language.ts';
import { DELIVERY_STATES, type DeliveryState } from '../../domain/delivery.ts';
import { CHANNELS, KIND_NAMES } from '../../domain/kinds.ts';
import type { NoticeData } from '../../domain/notice.ts';
import { AUDIENCES, JOB_STATUSES } from '../../domain/notice-job.ts';
import type { SuppressionReason } from '../../domain/suppression.ts';

export const notification = pgSchema('notification');

const id = (name: string) => bigint(name, { mode: 'bigint' });
const serial = (name: string) => bigserial(name, { mode: 'bigint' });
const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const kindOf = (name: string) => text(name, { enum: KIND_NAMES as unknown as [string, ...string[]] });
const channelOf = (name: string) => text(name, { enum: CHANNELS });

/**
 * The lock of a user: every change of the notices of a user locks this row first, several in ascending order. It stays when the user is
 * deleted, so that nothing is written afterwards.
 */
export const inboxes = notification.table(
  'inboxes',
  {
    userId: id('user_id').primaryKey(),
    lastNumber: id('last_number').notNull().default(sql`0`),
    /** Notices up to this number are read. */
    readUpTo: id('read_up_to').notNull().default(sql`0`),
    unread: integer('unread').notNull().default(0),
    deletedAt: instant('deleted_at'),
  },
  (table) => [check('inboxes_unread', sql`${table.unread} >= 0`)],
);

export const notices = notification.table(
  'notices',
  {
    userId: id('user_id').notNull(),
    /** Taken under the lock of the inbox, so that the notices of a user become visible in ascending order. */
    number: id('number').notNull(),
    id: id('id').notNull(),
    kind: kindOf('kind').notNull(),
    subject: text('subject').notNull(),
    day: date('day', { mode: 'string' }).notNull(),
    data: jsonb('data').$type<NoticeData>().notNull(),
    createdAt: instant('created_at').notNull(),
    readAt: instant('read_at'),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.number] }),
    unique('notices_once').on(table.userId, table.kind, table.subject, table.day),
    // Rows are added in the order of time, so a few bytes for each range of pages find the old ones.
    index('notices_created').using('brin', table.createdAt),
  ],
);

/** Notices that their users have deleted, without what they said: they are not written again as long as they would have been kept. */
export const deletedNotices = notification.table(
  'deleted_notices',
  {
    userId: id('user_id').notNull(),
    kind: kindOf('kind').notNull(),
    subject: text('subject').notNull(),
    day: date('day', { mode: 'string' }).notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.kind, table.subject, table.day] }),
    index('deleted_notices_created').on(table.createdAt),
  ],
);

/** What consumers of events want to be written: a row for each batch of events. The writer takes the rows in order. */
export const intake = notification.table('intake', {
  id: serial('id').primaryKey(),
  /** How many facts it has. */
  size: integer('size').notNull(),
  facts: json('facts').notNull(),
  createdAt: instant('created_at').notNull().default(sql`now()`),
});

/** Facts that could not be written, so that those behind them are. README.md says how to put them back. */
export const rejectedFacts = notification.table('rejected_facts', {
  id: serial('id').primaryKey(),
  fact: json('fact').notNull(),
  error: text('error').notNull(),
  createdAt: instant('created_at').notNull().default(sql`now()`),
});

/** Notices that were written and not yet planned for the channels. Written by the transaction that wrote the notices. */
export const deliveryBatches = notification.table('delivery_batches', {
  id: serial('id').primaryKey(),
  userIds: id('user_ids').array().notNull(),
  /** Of each user, the number of the notice. */
  numbers: id('numbers').array().notNull(),
});

/** A notice on its way by one channel. */
export const deliveries = notification.table(
  'deliveries',
  {
    id: serial('id').primaryKey(),
    userId: id('user_id').notNull(),
    channel: channelOf('channel').notNull(),
    kind: kindOf('kind').notNull(),
    subject: text('subject').notNull(),
    day: date('day', { mode: 'string' }).notNull(),
    number: id('number').notNull(),
    state: text('state').$type<DeliveryState>().notNull(),
    /** When it is handed over. While a process prepares it or hands it over: when another one looks at it again. */
    dueAt: instant('due_at').notNull(),
    /**
     * When it should leave: changed by the hours of the user and the rate of a domain, and not by a failure, a lease or an outage. Null: an earlier
     * version planned it.
     */
    plannedAt: instant('planned_at'),
    attempt: integer('attempt').notNull().default(0),
    /** Empty, or the digest that it is part of. */
    digest: text('digest').notNull().default(''),
    /** The message that it went out with; several deliveries of a digest have the same one. */
    messageId: id('message_id'),
    /** Why it is where it is, without an address. */
    reason: text('reason'),
    finishedAt: instant('finished_at'),
  },
  (table) => [
    unique('deliveries_once').on(table.userId, table.channel, table.kind, table.subject, table.day),
    index('deliveries_due')
      .on(table.channel, table.state, table.dueAt, table.plannedAt)
      .where(sql`${table.state} in ('PENDING', 'SENDING')`),
    index('deliveries_finished').on(table.finishedAt).where(sql`${table.finishedAt} is not null`),
    check('deliveries_state', sql.raw(`state in (${DELIVERY_STATES.map((state) => `'${state}'`).join(', ')})`)),
  ],
);

/** What a user wants otherwise than by default. */
export const preferences = notification.table(
  'preferences',
  {
    userId: id('user_id').notNull(),
    kind: kindOf('kind').notNull(),
    channel: channelOf('channel').notNull(),
    enabled: boolean('enabled').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.kind, table.channel] })],
);

/** Null in a column: the default. */
export const settings = notification.table('settings', {
  userId: id('user_id').primaryKey(),
  timezone: text('timezone'),
  language: text('language', { enum: LANGUAGES }),
  /** How many days before a coupon expires the user is reminded. */
  expiryDays: integer('expiry_days').array(),
  /** HH:MM in the user's time zone. */
  quietFrom: text('quiet_from'),
  quietUntil: text('quiet_until'),
});

/** Notices for many users, written page by page. */
export const jobs = notification.table(
  'jobs',
  {
    id: id('id').primaryKey(),
    audience: text('audience', { enum: AUDIENCES }).notNull(),
    /** The store or policy; null for a list of users. */
    audienceId: id('audience_id'),
    kind: kindOf('kind').notNull(),
    subject: text('subject').notNull(),
    day: date('day', { mode: 'string' }).notNull(),
    data: jsonb('data').$type<NoticeData>().notNull(),
    status: text('status', { enum: JOB_STATUSES }).notNull(),
    /** What began it, or the store and day of an announcement of its owner: an event that is delivered again begins no second job. */
    onceKey: text('once_key').unique(),
    /** How far the audience is read: a user id, or for holders a sequence number. */
    position: id('position').notNull().default(sql`0`),
    /** An estimate until the end. */
    total: integer('total').notNull(),
    done: integer('done').notNull().default(0),
    /** Notices; users who had one already, or have deleted their account, get none. */
    written: integer('written').notNull().default(0),
    /** Of the users of a list that were reached: those who have no account here. */
    unknown: integer('unknown').notNull().default(0),
    startsAt: instant('starts_at').notNull(),
    lease: uuid('lease'),
    leaseUntil: instant('lease_until'),
    error: text('error'),
    /** The administrator or owner; null when an event or a task began it. */
    createdBy: id('created_by'),
    createdAt: instant('created_at').notNull(),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
  },
  (table) => [
    index('jobs_waiting').on(table.id).where(sql`${table.status} in ('QUEUED', 'RUNNING')`),
    index('jobs_created_by').on(table.createdBy, table.id).where(sql`${table.createdBy} is not null`),
    check('jobs_audience', sql`(${table.audienceId} is null) = (${table.audience} = 'USERS')`),
  ],
);

/** The users of a job for a list. Deleted with its end. */
export const jobUsers = notification.table(
  'job_users',
  { jobId: id('job_id').notNull(), userId: id('user_id').notNull() },
  (table) => [primaryKey({ columns: [table.jobId, table.userId] })],
);

/** Addresses to which no mail is sent, known by their hash only. */
export const suppressions = notification.table('suppressions', {
  /** SHA-256 of the normalised address, base64url. */
  digest: text('digest').primaryKey(),
  reason: text('reason').$type<SuppressionReason>().notNull(),
  createdAt: instant('created_at').notNull(),
});

/** How fast mail goes to the addresses of a domain, over all processes. */
export const mailDomains = notification.table('mail_domains', {
  domain: text('domain').primaryKey(),
  /** When the next mail may go there. Each takes its place in a line, whose pace is the rate. */
  nextSlot: instant('next_slot').notNull(),
  /** The server asked for fewer mails: none before this time. */
  pausedUntil: instant('paused_until'),
  /** Pauses in a row: each is twice as long as the one before. */
  pauses: integer('pauses').notNull().default(0),
});

/** Browsers that take notices by web push. */
export const pushSubscriptions = notification.table(
  'push_subscriptions',
  {
    endpoint: text('endpoint').primaryKey(),
    userId: id('user_id').notNull(),
    p256dh: text('p256dh').notNull(),
    auth: text('auth').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('push_subscriptions_user').on(table.userId)],
);
