import { and, asc, eq, gt, gte, inArray, isNotNull, like, lt, not, or, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { DAY_MS } from '../../../../platform/kernel/durations.ts';
import type { ExternalUserStore, SeenExternalUser } from '../../application/ports.ts';
import { ERASED_PREFIX, type ExternalSubject, subjectKey } from '../../domain/external-user.ts';
import { NO_PASSWORD } from '../../domain/password.ts';
import { highestRoles, isHigherRole, USER_ROLES } from '../../domain/user.ts';
import { erasedSubject } from './erased-subject.ts';
import { reaching } from './reaching.ts';
import { externalLogouts, users } from './schema.ts';
import { inTransaction } from './transaction.ts';

/** No token of another issuer lives longer: JWT_MAX_LIFETIME is at most a day. */
const LOGOUT_KEPT_MS = 2 * DAY_MS;

interface FoundUser extends ExternalSubject {
  readonly id: string;
  readonly role: SeenExternalUser['role'];
}

/** Users of other issuers. `batches`: connections of a batcher. Rejects with Unavailable when PostgreSQL is unavailable. */
export const postgresExternalUserStore = (pool: pg.Pool, batches: pg.Pool): ExternalUserStore =>
  reaching<ExternalUserStore>({
    async find(names) {
      const ids = idsByName(await lookUp(batches, names));
      return names.map((name) => ids.get(subjectKey(name)));
    },

    async add(seen, ids, at) {
      const returned = await addMissing(batches, seen, ids, at);
      const found = idsByName(returned);
      // Another node has added the others since: only a later statement sees them.
      const others = seen.filter((user) => !found.has(subjectKey(user)));
      const addedElsewhere = others.length === 0 ? [] : await lookUp(batches, others);
      for (const user of addedElsewhere) found.set(subjectKey(user), BigInt(user.id));
      await raiseRoles(pool, [...returned, ...addedElsewhere], seen, at);
      return seen.map((user) => {
        const id = found.get(subjectKey(user));
        if (id === undefined) throw new Error('a user of another issuer was neither found nor added');
        return id;
      });
    },

    names: (userIds) =>
      drizzle(pool)
        .select({ userId: users.id, issuer: sql<string>`${users.issuer}`, subject: sql<string>`${users.subject}` })
        .from(users)
        .where(and(inArray(users.id, [...userIds]), isNotNull(users.issuer), isNamed)),

    async blocked(after, limit) {
      const rows = await drizzle(pool)
        .select({ id: users.id })
        .from(users)
        // The status is literal text, because the partial index is not used for a parameter.
        .where(and(gt(users.id, after), sql`${users.status} <> 'ACTIVE'`))
        .orderBy(asc(users.id))
        .limit(limit);
      return rows.map(({ id }) => id);
    },

    async statusChangesFrom({ at, afterId }, limit) {
      const rows = await drizzle(pool)
        .select({ id: users.id, status: users.status, changedAt: users.statusChangedAt })
        .from(users)
        .where(
          and(
            // States what follows from it, for the index.
            gte(users.statusChangedAt, at),
            or(gt(users.statusChangedAt, at), gt(users.id, afterId)),
          ),
        )
        .orderBy(asc(users.statusChangedAt), asc(users.id))
        .limit(limit);
      return rows.flatMap(({ changedAt, ...row }) => (changedAt === null ? [] : [{ ...row, changedAt }]));
    },

    endSessions: (id, { issuer, ended, at }, receivedAt) =>
      inTransaction(pool, async ({ db }) => {
        const same = 'sid' in ended ? eq(externalLogouts.sid, ended.sid) : eq(externalLogouts.subject, ended.subject);
        const recent = gte(externalLogouts.receivedAt, new Date(receivedAt.getTime() - LOGOUT_KEPT_MS));
        // A report that is sent again, or replayed, adds nothing.
        const [known] = await db
          .select({ id: externalLogouts.id })
          .from(externalLogouts)
          .where(and(recent, eq(externalLogouts.issuer, issuer), same, gte(externalLogouts.at, at)))
          .limit(1);
        if (known !== undefined) return;
        await db.insert(externalLogouts).values({
          ...{ id, issuer, at, receivedAt },
          ...('sid' in ended ? { sid: ended.sid } : { subject: ended.subject }),
        });
        await db
          .delete(externalLogouts)
          .where(lt(externalLogouts.receivedAt, new Date(receivedAt.getTime() - LOGOUT_KEPT_MS)));
      }),

    async logoutsFrom(from, limit) {
      const rows = await drizzle(pool)
        .select()
        .from(externalLogouts)
        .where(gte(externalLogouts.receivedAt, from))
        .orderBy(asc(externalLogouts.receivedAt))
        .limit(limit);
      return rows.map(({ issuer, sid, subject, at, receivedAt }) => ({
        issuer,
        ended: sid === null ? { subject: subject ?? '' } : { sid },
        at,
        receivedAt,
      }));
    },
  });

const idsByName = (found: readonly FoundUser[]): Map<string, bigint> =>
  new Map(found.map((user) => [subjectKey(user), BigInt(user.id)]));

const isNamed = not(like(users.subject, `${ERASED_PREFIX}%`));

/**
 * Users by the names of a relation: one look-up by the index of names for each. A join could keep a plan of when there were few users, which compares each
 * name with every user (1 to 2 s for a batch when there were 40,000). The range with its order can only use that index.
 */
const usersNamed = (relation: string, subject = 'subject'): string => `
  select u.id, named.issuer, named.subject, u.role
  from ${relation} as named cross join lateral (
    select id, role from identity.users
    where issuer = named.issuer and subject >= named.${subject} and subject <= named.${subject} and issuer is not null
    order by issuer, subject limit 1) as u`;

/** The names of `seen` as deleted users have them. Without a deletion there is no salt, and nothing is digested. */
const DIGESTS = `
  digests as materialized (
    select seen.issuer, seen.subject, ${erasedSubject('seen.issuer', 'seen.subject')} as digest
    from seen cross join identity.subject_salts as salts where salts.id = 1)`;

// Prepared, with an array for each column: the same text for every number of users.
const LOOK_UP = `
  with seen as (select * from unnest($1::text[], $2::text[]) as each(issuer, subject)), ${DIGESTS}
  ${usersNamed('seen')}
  union all ${usersNamed('digests', 'digest')}`;

async function lookUp(pool: pg.Pool, names: readonly ExternalSubject[]): Promise<readonly FoundUser[]> {
  const values = [names.map(({ issuer }) => issuer), names.map(({ subject }) => subject)];
  const { rows } = await pool.query<FoundUser>({ name: 'external-users-find', text: LOOK_UP, values });
  return rows;
}

// One round trip for those who are known and those who are not. For the former the insert finds a conflict and writes nothing. A deleted user is not added
// again, and has the name back once an administrator has restored the account.
const ADD = `
  with seen as (
    select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) as each(id, issuer, subject, role)
  ), ${DIGESTS}, erased as (${usersNamed('digests', 'digest')}
  ), named_again as (
    update identity.users as u set subject = (select min(subject) from erased where erased.id = u.id)
    where u.id = any(array(select id from erased)) and u.status <> 'DELETED'
  ), added as (
    insert into identity.users (id, issuer, subject, role, role_changed_at, password_hash, name, marketing_consent, created_at)
    select id, issuer, subject, role, case when role <> 'CUSTOMER' then $5::timestamptz end, '${NO_PASSWORD}', '', false, $5 from seen
    where not exists (select from erased where erased.issuer = seen.issuer and erased.subject = seen.subject)
    on conflict (issuer, subject) where issuer is not null do nothing
    returning id, issuer, subject, role
  )
  ${usersNamed('seen')}
  union all select id, issuer, subject, role from added
  union all select id, issuer, subject, role from erased`;

/** In one order: of two nodes that add the same users one waits for the other, and never each for the other. */
async function addMissing(
  pool: pg.Pool,
  seen: readonly SeenExternalUser[],
  ids: readonly bigint[],
  at: Date,
): Promise<readonly FoundUser[]> {
  const ordered = seen.toSorted((a, b) => (subjectKey(a) < subjectKey(b) ? -1 : 1));
  const columns = [
    ids,
    ordered.map(({ issuer }) => issuer),
    ordered.map(({ subject }) => subject),
    ordered.map(({ role }) => role),
  ];
  const { rows } = await pool.query<FoundUser>({ name: 'external-users-add', text: ADD, values: [...columns, at] });
  return rows;
}

/**
 * A user who manages something is known as such from then on: no machine acts for this user. The condition is in the statement, which reads a row again that
 * another node has changed meanwhile: a role never becomes lower.
 */
async function raiseRoles(
  pool: pg.Pool,
  known: readonly FoundUser[],
  seen: readonly SeenExternalUser[],
  at: Date,
): Promise<void> {
  const roles = highestRoles(seen.map((user) => [subjectKey(user), user.role] as const));
  for (const role of USER_ROLES) {
    const lower = USER_ROLES.filter((other) => isHigherRole(role, other));
    const raised = known.filter((user) => roles.get(subjectKey(user)) === role && lower.includes(user.role));
    if (raised.length === 0) continue;
    const ids = raised.map(({ id }) => BigInt(id));
    await drizzle(pool)
      .update(users)
      .set({ role, roleChangedAt: at })
      .where(and(inArray(users.id, ids), inArray(users.role, lower)));
  }
}
