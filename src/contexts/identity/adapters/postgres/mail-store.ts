import { and, asc, eq, gt, inArray, isNull, lte, ne, sql } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { alias } from 'drizzle-orm/pg-core';
import type pg from 'pg';
import { transactOnce } from '../../../../platform/idempotency/transact-once.ts';
import type { ClaimedMail, LinkUse, MailStore } from '../../application/ports.ts';
import type { LinkPurpose, RequestedMail } from '../../domain/mail.ts';
import { NO_PASSWORD } from '../../domain/password.ts';
import { nameOfAddress } from '../../domain/profile.ts';
import { endSessions } from './account-store.ts';
import { deleteLinks } from './delete-links.ts';
import { publish } from './publish.ts';
import { reaching } from './reaching.ts';
import { mailLinks, mails, users } from './schema.ts';
import { inTransaction, type Transaction } from './transaction.ts';
import { acceptEmail, hasEmail } from './user-store.ts';

/** More than a busy minute leaves behind. */
const EXPIRED_MAX = 1_000;

/**
 * Mails and their links. A transaction that changes a user and the user's links locks the user first, so that no two transactions wait for each other.
 * `onEvents` is called after a commit that wrote events. Rejects with Unavailable when PostgreSQL is unavailable.
 */
export const postgresMailStore = (pool: pg.Pool, onEvents: () => void): MailStore =>
  reaching<MailStore>({
    signUp: (user, passwordHash, mail, idempotency) =>
      transactOnce<true>(pool, idempotency, async (client) => {
        // One statement for every address. What it does for an account that exists, another one must not show by its time.
        await client.query(SIGN_UP, [
          ...[user.id, user.email, passwordHash, user.name, user.role, user.marketingConsent, user.createdAt],
          ...[mail.id, mail.kind, mail.language, mail.requestedAt],
          ...[NO_PASSWORD, nameOfAddress(user.email)],
        ]);
        return true;
      }),

    request: (mail, idempotency) =>
      transactOnce<true>(pool, idempotency, async (client) => {
        await drizzle(client).insert(mails).values(rowOf(mail));
        return true;
      }),

    async isLinkValid(purpose, digest, at) {
      const found = await drizzle(pool)
        .select({ userId: mailLinks.userId })
        .from(mailLinks)
        .where(isLink(purpose, { digest, at }));
      return found.length > 0;
    },

    async verifyEmail(use, idempotency) {
      const verified = await transactOnce<boolean>(pool, idempotency, async (client) => {
        const db = drizzle(client);
        await lockOwner(client, 'VERIFY_EMAIL', use);
        const used = useUp(db, 'VERIFY_EMAIL', use);
        const [user] = await db
          .with(used)
          .update(users)
          .set({ emailVerifiedAt: use.at })
          .from(used)
          .where(and(eq(users.id, used.userId), eq(users.status, 'ACTIVE'), isNull(users.emailVerifiedAt)))
          .returning({ id: users.id, email: users.email });
        if (user === undefined || user.email === null) return false;
        await publish(client, use.signedUpOutboxId, 'user.signed_up', { userId: String(user.id), email: user.email });
        return true;
      });
      onEvents();
      return verified;
    },

    async resetPassword(use, idempotency) {
      const ended = await transactOnce<readonly bigint[] | undefined>(pool, idempotency, async (client) => {
        if (use === undefined) return undefined;
        const db = drizzle(client);
        await lockOwner(client, 'RESET_PASSWORD', use);
        const used = useUp(db, 'RESET_PASSWORD', use);
        const [user] = await db
          .with(used)
          .update(users)
          .set({ passwordHash: use.passwordHash })
          .from(used)
          .where(and(eq(users.id, used.userId), eq(users.status, 'ACTIVE')))
          .returning({ id: users.id });
        if (user === undefined) return undefined;
        await acceptEmail(client, user.id, use.at, use.signedUpOutboxId);
        await deleteLinks(db, user.id);
        await publish(client, use.outboxId, 'user.password_changed', { userId: String(user.id) });
        return await endSessions(db, user.id, use.at);
      });
      onEvents();
      return ended;
    },

    claim: (at, leaseUntil, limit) =>
      inTransaction(pool, async ({ db }) => {
        await deleteReplaced(db, at);
        const due = db
          .select({ id: mails.id })
          .from(mails)
          .where(lte(mails.dueAt, at))
          .orderBy(asc(mails.dueAt))
          .limit(limit)
          .for('update', { skipLocked: true });
        const claimed = await db
          .update(mails)
          .set({ dueAt: leaseUntil, attempts: sql`${mails.attempts} + 1` })
          .where(inArray(mails.id, due))
          .returning();
        return claimed.map(({ dueAt: _, attempts: attempt, ...mail }) => ({ ...mail, attempt }));
      }),

    async accountOf(email) {
      const [user] = await drizzle(pool)
        .select({
          userId: users.id,
          name: users.name,
          status: users.status,
          emailVerifiedAt: users.emailVerifiedAt,
          consentAt: users.marketingConsentAt,
          hasPassword: sql<boolean>`${users.passwordHash} <> ${NO_PASSWORD}`,
        })
        .from(users)
        .where(and(hasEmail(email), ne(users.status, 'DELETED')));
      if (user === undefined) return undefined;
      const { status, emailVerifiedAt, ...account } = user;
      return { ...account, isActive: status === 'ACTIVE', isVerified: emailVerifiedAt !== null };
    },

    async replaceLink(userId, purpose, digest, expiresAt) {
      const link = { digest, expiresAt };
      await drizzle(pool)
        .insert(mailLinks)
        .values({ userId, purpose, ...link })
        .onConflictDoUpdate({ target: [mailLinks.userId, mailLinks.purpose], set: link });
    },

    async finish(mail) {
      await drizzle(pool).delete(mails).where(isStillClaimed(mail));
    },

    async postpone(mail, dueAt) {
      await drizzle(pool).update(mails).set({ dueAt }).where(isStillClaimed(mail));
    },

    async nextDueAt() {
      const [next] = await drizzle(pool).select({ dueAt: mails.dueAt }).from(mails).orderBy(asc(mails.dueAt)).limit(1);
      return next?.dueAt;
    },

    async deleteExpiredLinks(at) {
      const db = drizzle(pool);
      const expired = db
        .select({ digest: mailLinks.digest })
        .from(mailLinks)
        .where(lte(mailLinks.expiresAt, at))
        .limit(EXPIRED_MAX)
        .for('update', { skipLocked: true });
      await db.delete(mailLinks).where(inArray(mailLinks.digest, expired));
    },
  });

// A second sign-up before the address is verified: the server cannot know which one is that of the owner of the address. So no password counts, and
// the account has only what both agree on, until the owner chooses the password by mail. No link is voided: each proves the same, that its user reads the mail.
// An administrator's account that is not verified keeps what it has: its role is more than a sign-up gives.
const SIGN_UP = `
  with signed_up as (
    insert into identity.users as u
      (id, email, password_hash, name, role, language, created_at, role_changed_at,
       marketing_consent, marketing_consent_at, marketing_consent_source, marketing_consent_confirmed_at)
    values ($1, $2, $3, $4, $5::text, $10, $7, case when $5::text = 'CUSTOMER' then null else $7::timestamptz end,
      $6, case when $6 then $7::timestamptz end, case when $6 then 'SIGN_UP' end, case when $6 then $7::timestamptz end)
    on conflict (lower(email)) do update set
      password_hash = $12,
      name = case when u.name = excluded.name then u.name else $13 end,
      role = case when u.role = excluded.role then u.role else 'CUSTOMER' end,
      marketing_consent = u.marketing_consent and excluded.marketing_consent,
      marketing_consent_at = case when u.marketing_consent then excluded.marketing_consent_at end,
      marketing_consent_source = case when u.marketing_consent then excluded.marketing_consent_source end,
      marketing_consent_confirmed_at = case when u.marketing_consent then excluded.marketing_consent_at end,
      role_changed_at = case when u.role in (excluded.role, 'CUSTOMER') then u.role_changed_at else excluded.created_at end
    where u.email_verified_at is null and u.status = 'ACTIVE' and u.role <> 'ADMIN'
    returning u.id, u.marketing_consent
  ), recorded as (
    insert into identity.consent_changes (user_id, given, at, source)
    select id, marketing_consent, $7, 'SIGN_UP' from signed_up
  )
  insert into identity.mails (id, email, kind, language, requested_at, due_at) values ($8, $2, $9, $10, $11, $11)`;

const rowOf = (mail: RequestedMail) => ({ ...mail, dueAt: mail.requestedAt });

const isLink = (purpose: LinkPurpose, { digest, at }: Pick<LinkUse, 'digest' | 'at'>) =>
  and(eq(mailLinks.digest, digest), eq(mailLinks.purpose, purpose), gt(mailLinks.expiresAt, at));

// Drizzle writes the schema after OF, where PostgreSQL accepts no schema.
const LOCK_OWNER = `
  select from identity.users as u join identity.mail_links as l on l.user_id = u.id
  where l.digest = $1 and l.purpose = $2 and l.expires_at > $3
  for no key update of u`;

/** Locks the user of a link. A transaction that waited here finds in its next statement whether the link was used meanwhile. */
const lockOwner = (client: pg.ClientBase, purpose: LinkPurpose, { digest, at }: LinkUse) =>
  client.query(LOCK_OWNER, [digest, purpose, at]);

/** Uses a link up in the statement of its effect: neither happens without the other. */
const useUp = (db: NodePgDatabase, purpose: LinkPurpose, use: LinkUse) =>
  db.$with('used').as(db.delete(mailLinks).where(isLink(purpose, use)).returning({ userId: mailLinks.userId }));

/** Several requests become one mail, also when they come while the server of the mail is away. */
async function deleteReplaced(db: Transaction['db'], at: Date): Promise<void> {
  const newer = alias(mails, 'newer');
  const isReplaced = sql`exists (select from ${mails} as ${sql.identifier('newer')} where ${newer.email} = ${mails.email}
    and ${newer.kind} = ${mails.kind} and ${newer.id} > ${mails.id})`;
  const replaced = db
    .select({ id: mails.id })
    .from(mails)
    .where(and(lte(mails.dueAt, at), isReplaced))
    .for('update', { skipLocked: true });
  await db.delete(mails).where(inArray(mails.id, replaced));
}

const isStillClaimed = ({ id, attempt }: ClaimedMail) => and(eq(mails.id, id), eq(mails.attempts, attempt));
