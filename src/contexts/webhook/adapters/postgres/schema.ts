import { sql } from 'drizzle-orm';
import {
  bigint,
  bigserial,
  boolean,
  check,
  customType,
  index,
  integer,
  pgSchema,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { DELIVERY_STATUSES } from '../../domain/delivery.ts';
import { DISABLED_REASONS } from '../../domain/endpoint.ts';
import { PERSONAL_TOPIC } from '../../domain/topics.ts';

export const webhook = pgSchema('webhook');

const id = (name: string) => bigint(name, { mode: 'bigint' });
const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

/** Where events are sent. */
export const endpoints = webhook.table(
  'endpoints',
  {
    id: id('id').primaryKey(),
    url: text('url').notNull(),
    topics: text('topics').array().notNull(),
    description: text('description').notNull(),
    enabled: boolean('enabled').notNull(),
    disabledReason: text('disabled_reason', { enum: DISABLED_REASONS }),
    disabledAt: instant('disabled_at'),
    /** Encrypted, as the next one. */
    secret: bytes('secret').notNull(),
    previousSecret: bytes('previous_secret'),
    previousSecretUntil: instant('previous_secret_until'),
    /** Failed requests in a row. */
    failures: integer('failures').notNull().default(0),
    failingSince: instant('failing_since'),
    /** Nothing is sent before. */
    resumeAt: instant('resume_at'),
    /** How often an administrator has asked for a request at once: a failure of an earlier request starts no pause. */
    wakes: integer('wakes').notNull().default(0),
    /** The process that sends to it, until the lease ends. */
    lease: uuid('lease'),
    leaseUntil: instant('lease_until'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    check('endpoints_disabled', sql`${table.enabled} = (${table.disabledReason} is null)`),
    check('endpoints_disabled_at', sql`(${table.disabledReason} is null) = (${table.disabledAt} is null)`),
    check('endpoints_previous', sql`(${table.previousSecret} is null) = (${table.previousSecretUntil} is null)`),
    check('endpoints_failing', sql`(${table.failures} = 0) = (${table.failingSince} is null)`),
  ],
);

/** An event on its way to an endpoint. Without a foreign key: the deliveries of a deleted endpoint are deleted in the background. */
export const deliveries = webhook.table(
  'deliveries',
  {
    endpointId: id('endpoint_id').notNull(),
    /** Rises in the order in which the events came. */
    id: bigserial('id', { mode: 'bigint' }).notNull(),
    eventId: text('event_id').notNull(),
    topic: text('topic').notNull(),
    /** What the event is about: order holds for each. */
    subject: text('subject').notNull(),
    /** Null: erased. */
    body: text('body'),
    /** The user whose external id the body has, as a subject. */
    identifiedUser: text('identified_user'),
    status: text('status', { enum: DELIVERY_STATUSES }).notNull(),
    attempts: smallint('attempts').notNull().default(0),
    dueAt: instant('due_at').notNull(),
    lastStatus: smallint('last_status'),
    lastError: text('last_error'),
    createdAt: instant('created_at').notNull(),
    finishedAt: instant('finished_at'),
  },
  (table) => [
    primaryKey({ columns: [table.endpointId, table.id] }),
    unique('deliveries_once').on(table.endpointId, table.eventId),
    index('deliveries_waiting').on(table.endpointId, table.id).where(sql`${table.status} = 'PENDING'`),
    // Another condition for the same rows, so that no statement can use it in place of the index above, or the other way round: with equal estimates the planner chose the wrong one.
    index('deliveries_subject').on(table.endpointId, table.subject, table.id).where(sql`${table.finishedAt} is null`),
    index('deliveries_finished').on(table.finishedAt).where(sql`${table.finishedAt} is not null`),
    index('deliveries_personal')
      .on(table.subject)
      .where(sql`${table.topic} = ${sql.raw(`'${PERSONAL_TOPIC}'`)}`),
    index('deliveries_identified').on(table.identifiedUser).where(sql`${table.identifiedUser} is not null`),
    check('deliveries_ended', sql`(${table.status} = 'PENDING') = (${table.finishedAt} is null)`),
    check('deliveries_body', sql`${table.body} is not null or ${table.status} <> 'PENDING'`),
  ],
);

/** Users who have deleted their accounts, as subjects of deliveries, for as long as an event about them may still come. */
export const forgottenUsers = webhook.table(
  'forgotten_users',
  { subject: text('subject').primaryKey(), deletedAt: instant('deleted_at').notNull() },
  (table) => [index('forgotten_users_deleted').on(table.deletedAt)],
);
