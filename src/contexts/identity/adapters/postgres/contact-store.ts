import { and, eq, inArray } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { transactOnce } from '../../../../platform/idempotency/transact-once.ts';
import type { ContactStore, DueNotice } from '../../application/ports.ts';
import { consentColumns } from './consent-columns.ts';
import { reaching } from './reaching.ts';
import { recordConsent } from './record-consent.ts';
import { users } from './schema.ts';
import { hasEmail } from './user-store.ts';

/** Addresses and consents of users. Rejects with Unavailable when PostgreSQL is unavailable. */
export const postgresContactStore = (pool: pg.Pool): ContactStore =>
  reaching<ContactStore>({
    contacts: (userIds) =>
      drizzle(pool)
        .select({
          userId: users.id,
          email: users.email,
          name: users.name,
          language: users.language,
          emailVerifiedAt: users.emailVerifiedAt,
          consentAt: users.marketingConsentAt,
          consentSource: users.marketingConsentSource,
          consentConfirmedAt: users.marketingConsentConfirmedAt,
        })
        .from(users)
        .where(and(inArray(users.id, [...userIds]), eq(users.status, 'ACTIVE'))),

    async unknownIds(userIds) {
      const { rows } = await pool.query<{ id: bigint }>(UNKNOWN_IDS, [userIds]);
      return rows.map(({ id }) => id);
    },

    withdrawConsent: (user, withdrawal, idempotency) =>
      transactOnce<boolean>(pool, idempotency, async (client) => {
        const [changed] = await drizzle(client)
          .update(users)
          .set(consentColumns({ given: false, ...withdrawal }))
          .where(
            and('email' in user ? hasEmail(user.email) : eq(users.id, user.userId), eq(users.marketingConsent, true)),
          )
          .returning({ id: users.id });
        if (changed === undefined) return false;
        await recordConsent(client, changed.id, { given: false, ...withdrawal });
        return true;
      }),

    async requestNotices({ confirmedBefore, after, limit }, mailIds, at) {
      const { rows } = await pool.query<DueNotice>(REQUEST_NOTICES, [
        confirmedBefore,
        after?.confirmedAt ?? null,
        after?.userId ?? 0n,
        limit,
        mailIds,
        at,
      ]);
      return rows.at(-1);
    },

    async confirmConsent(userId, at) {
      await drizzle(pool)
        .update(users)
        .set({ marketingConsentConfirmedAt: at })
        .where(and(eq(users.id, userId), eq(users.marketingConsent, true)));
    },
  });

const UNKNOWN_IDS = `
  select id from unnest($1::bigint[]) as asked(id) where not exists (select from identity.users as u where u.id = asked.id)`;

// The mail is asked for anew each day until one has left: then the consent counts as confirmed.
const REQUEST_NOTICES = `
  with due as (
    select id, email, language, marketing_consent_confirmed_at as confirmed_at,
      row_number() over (order by marketing_consent_confirmed_at, id) as n
    from identity.users
    where marketing_consent and marketing_consent_confirmed_at < $1 and status = 'ACTIVE' and email_verified_at is not null
      and ($2::timestamptz is null or (marketing_consent_confirmed_at, id) > ($2, $3))
    order by marketing_consent_confirmed_at, id limit $4
  ), requested as (
    insert into identity.mails (id, email, kind, language, requested_at, due_at)
    select ($5::bigint[])[n], email, 'CONSENT_NOTICE', language, $6, $6 from due
  )
  select id as "userId", confirmed_at as "confirmedAt" from due order by n`;
