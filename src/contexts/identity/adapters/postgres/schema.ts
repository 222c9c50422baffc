/** Identity's tables. No foreign key leaves the schema; other contexts know a user by id only. */

import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type { Language } from '../../../../platform/kernel/language.ts';
import type { ConsentSource } from '../../domain/consent.ts';
import type { LinkPurpose, MailKind } from '../../domain/mail.ts';
import type { PrivilegedRole, Role, UserStatus } from '../../domain/user.ts';

const id = (name: string) => bigint(name, { mode: 'bigint' });
const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

export const identity = pgSchema('identity');

export const users = identity.table(
  'users',
  {
    id: id('id').primaryKey(),
    /** Null: a user of another issuer. */
    email: text(),
    /** PHC string of argon2id; empty: no password is right. */
    passwordHash: text('password_hash').notNull(),
    name: text().notNull(),
    role: text().$type<Role>().notNull(),
    marketingConsent: boolean('marketing_consent').notNull(),
    /** When and by what the consent was given. Null: there is none. */
    marketingConsentAt: instant('marketing_consent_at'),
    marketingConsentSource: text('marketing_consent_source').$type<ConsentSource>(),
    /** When the consent was given, or its last notice was asked for. Null: there is none. */
    marketingConsentConfirmedAt: instant('marketing_consent_confirmed_at'),
    /** Of mails: ko or en. */
    language: text().$type<Language>().notNull().default('en'),
    profileImageUrl: text('profile_image_url'),
    profileImageFile: text('profile_image_file'),
    createdAt: instant('created_at').notNull(),
    status: text().$type<UserStatus>().notNull().default('ACTIVE'),
    /** When the user became OWNER or ADMIN, or CUSTOMER again. Null: always a CUSTOMER. */
    roleChangedAt: instant('role_changed_at'),
    emailVerifiedAt: instant('email_verified_at'),
    /** The name of another issuer and its subject. Null: the user signed up here. Of a deleted user the subject is a digest (erased-subject.ts). */
    issuer: text(),
    subject: text(),
    /** When the user was locked, deleted, or is ACTIVE again. Null: always ACTIVE, or not since this column exists. */
    statusChangedAt: instant('status_changed_at'),
  },
  (table) => [
    uniqueIndex('users_email').on(sql`lower(${table.email})`),
    index('users_role_changed').on(table.roleChangedAt).where(sql`${table.roleChangedAt} is not null`),
    index('users_by_role').on(table.role, table.id).where(sql`${table.role} <> 'CUSTOMER'`),
    // The sweep of files looks up which of them are named.
    index('users_image_file').on(table.profileImageFile).where(sql`${table.profileImageFile} is not null`),
    index('users_consent_confirmed').on(table.marketingConsentConfirmedAt).where(sql`${table.marketingConsent}`),
    uniqueIndex('users_external').on(table.issuer, table.subject).where(sql`${table.issuer} is not null`),
    index('users_blocked').on(table.id).where(sql`${table.status} <> 'ACTIVE'`),
    index('users_status_changed').on(table.statusChangedAt).where(sql`${table.statusChangedAt} is not null`),
    check(
      'users_origin',
      sql`(${table.issuer} is null) = (${table.subject} is null) and (${table.email} is null) = (${table.issuer} is not null)`,
    ),
    check('users_role', sql`${table.role} in ('CUSTOMER', 'OWNER', 'ADMIN')`),
    check('users_status', sql`${table.status} in ('ACTIVE', 'LOCKED', 'DELETED')`),
  ],
);

/** What users stated about marketing, to prove it later. Rows are only added; a trigger refuses anything else. */
export const consentChanges = identity.table(
  'consent_changes',
  {
    userId: id('user_id').notNull(),
    given: boolean().notNull(),
    at: instant('at').notNull(),
    source: text().$type<ConsentSource>().notNull(),
  },
  (table) => [index('consent_changes_user').on(table.userId, table.at)],
);

/** A log-in and its family of refresh tokens. */
export const sessions = identity.table(
  'sessions',
  {
    id: id('id').primaryKey(),
    userId: id('user_id')
      .notNull()
      .references(() => users.id),
    startedAt: instant('started_at').notNull(),
    /** When the newest refresh token expires. */
    expiresAt: instant('expires_at').notNull(),
    revokedAt: instant('revoked_at'),
  },
  (table) => [
    index('sessions_user').on(table.userId, table.expiresAt),
    index('sessions_revoked').on(table.revokedAt).where(sql`${table.revokedAt} is not null`),
  ],
);

/** With the subjects of deleted users, before they are digested: at most one row, from the first deletion on. */
export const subjectSalts = identity.table('subject_salts', {
  id: integer().primaryKey(),
  salt: text().notNull(),
});

/**
 * The highest role that tokens of another issuer have stated for a user whose subject is an id here, when it is not CUSTOMER. It gives nothing: it keeps
 * machines from acting for the user. The user may have no row in `users`.
 */
export const statedRoles = identity.table(
  'stated_roles',
  {
    userId: id('user_id').primaryKey(),
    role: text().$type<PrivilegedRole>().notNull(),
    statedAt: instant('stated_at').notNull(),
  },
  (table) => [
    index('stated_roles_at').on(table.statedAt),
    check('stated_roles_role', sql`${table.role} in ('OWNER', 'ADMIN')`),
  ],
);

/** Sessions that other issuers have ended, until every token of them has expired. */
export const externalLogouts = identity.table(
  'external_logouts',
  {
    id: id('id').primaryKey(),
    issuer: text().notNull(),
    /** One of the two is not null: a session, or a user with all sessions. */
    sid: text(),
    subject: text(),
    /** When the issuer ended them. */
    at: instant('at').notNull(),
    receivedAt: instant('received_at').notNull(),
  },
  (table) => [
    index('external_logouts_received').on(table.receivedAt),
    check('external_logouts_ended', sql`(${table.sid} is null) <> (${table.subject} is null)`),
  ],
);

/** Rotated tokens remain until they expire, because the reuse of one reveals a theft. */
export const refreshTokens = identity.table(
  'refresh_tokens',
  {
    /** SHA-256, base64url. */
    digest: text().primaryKey(),
    sessionId: id('session_id')
      .notNull()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    expiresAt: instant('expires_at').notNull(),
    rotatedAt: instant('rotated_at'),
  },
  (table) => [index('refresh_tokens_session').on(table.sessionId, table.expiresAt)],
);

/** Mails that were asked for and not sent yet. They name an address, whether or not it has an account, and contain no token. */
export const mails = identity.table(
  'mails',
  {
    id: id('id').primaryKey(),
    email: text().notNull(),
    kind: text().$type<MailKind>().notNull(),
    language: text().$type<Language>().notNull(),
    requestedAt: instant('requested_at').notNull(),
    /** Of the next attempt. While one is made: when another one may begin. */
    dueAt: instant('due_at').notNull(),
    attempts: integer().notNull().default(0),
  },
  (table) => [index('mails_due').on(table.dueAt), index('mails_email').on(table.email, table.kind, table.id)],
);

/** The valid link of each user and purpose. A newer one replaces it, and its use deletes it. */
export const mailLinks = identity.table(
  'mail_links',
  {
    userId: id('user_id')
      .notNull()
      .references(() => users.id),
    purpose: text().$type<LinkPurpose>().notNull(),
    /** SHA-256 of the token, base64url. */
    digest: text().notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.purpose] }),
    uniqueIndex('mail_links_digest').on(table.digest),
    index('mail_links_expires').on(table.expiresAt),
  ],
);

export const apiKeys = identity.table('api_keys', {
  id: id('id').primaryKey(),
  name: text().notNull(),
  /** SHA-256 of the secret part, base64url. */
  secretDigest: text('secret_digest').notNull(),
  scopes: text().array().notNull(),
  createdBy: id('created_by').notNull(),
  createdAt: instant('created_at').notNull(),
  lastUsedAt: instant('last_used_at'),
  expiresAt: instant('expires_at'),
  /** Requests a minute; null: the default. */
  rateLimit: integer('rate_limit'),
  revokedAt: instant('revoked_at'),
});

/** Who changed what. Rows are only added; a trigger refuses anything else. */
export const auditLog = identity.table(
  'audit_log',
  {
    id: id('id').primaryKey(),
    at: instant('at').notNull(),
    actor: text().notNull(),
    role: text().notNull(),
    operation: text().notNull(),
    requestId: text('request_id').notNull(),
    subject: text(),
    fields: text().array().notNull(),
  },
  (table) => [
    index('audit_log_actor').on(table.actor, table.id),
    index('audit_log_subject').on(table.subject, table.id),
    index('audit_log_at').on(table.at),
  ],
);
