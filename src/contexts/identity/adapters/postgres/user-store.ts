import { and, desc, eq, getTableColumns, gte, inArray, isNotNull, isNull, lt, ne, type SQL, sql } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { transactOnce } from '../../../../platform/idempotency/transact-once.ts';
import type { UserStore } from '../../application/ports.ts';
import type { Consent } from '../../domain/consent.ts';
import type { Role, UserRecord } from '../../domain/user.ts';
import { consentColumns } from './consent-columns.ts';
import { publish } from './publish.ts';
import { recordConsent } from './record-consent.ts';
import { statedRoles, users } from './schema.ts';
import { inTransaction } from './transaction.ts';

// The hash leaves the database only for a check of the password.
const {
  passwordHash: _,
  roleChangedAt: __,
  statusChangedAt: ______,
  marketingConsentAt: ___,
  marketingConsentSource: ____,
  marketingConsentConfirmedAt: _____,
  ...COLUMNS
} = getTableColumns(users);
export const USER = COLUMNS;

/** The expression of the unique index users_email, so that the look-up uses it. */
export const hasEmail = (email: string): SQL => sql`lower(${users.email}) = lower(${email})`;

export function postgresUserStore(
  pool: pg.Pool,
  onEvents: () => void,
): Omit<UserStore, 'changePassword' | 'changeAccount' | 'deleteAccount'> {
  const db = drizzle(pool);
  const userById = async (id: bigint, on: NodePgDatabase = db): Promise<UserRecord | undefined> => {
    const [user] = await on.select(USER).from(users).where(eq(users.id, id));
    return user;
  };
  const credentialsWhere = async (condition: SQL | undefined) => {
    const [row] = await db.select({ user: USER, passwordHash: users.passwordHash }).from(users).where(condition);
    return row;
  };
  return {
    async addUser(user, passwordHash, signedUp, idempotency) {
      const consent: Consent = { given: user.marketingConsent, at: user.createdAt, source: 'SIGN_UP' };
      const added = await transactOnce(pool, idempotency, async (client) => {
        // Waits for a concurrent sign-up with the same address, then inserts nothing. Ids are unique by construction.
        const rows = await drizzle(client)
          .insert(users)
          .values({
            ...user,
            ...consentColumns(consent),
            passwordHash,
            roleChangedAt: user.role === 'CUSTOMER' ? null : user.createdAt,
          })
          .onConflictDoNothing()
          .returning({ id: users.id });
        if (rows.length === 0) return false;
        await recordConsent(client, user.id, consent);
        if (signedUp !== undefined) {
          const { outboxId, ...data } = signedUp;
          await publish(client, outboxId, 'user.signed_up', { userId: String(data.userId), email: data.email });
        }
        return true;
      });
      if (added === true && signedUp !== undefined) onEvents();
      return added;
    },

    async acceptEmail(userId, at, outboxId) {
      await inTransaction(pool, ({ client }) => acceptEmail(client, userId, at, outboxId));
      onEvents();
    },

    credentialsByEmail: (email) => credentialsWhere(and(hasEmail(email), isNotDeleted)),

    credentialsById: (id) => credentialsWhere(and(eq(users.id, id), isNotDeleted)),

    userById: (id) => userById(id),

    users: ({ limit, before, email, role }) =>
      db
        .select(USER)
        .from(users)
        .where(
          and(
            before === undefined ? undefined : lt(users.id, before),
            email === undefined ? undefined : hasEmail(email),
            role === undefined ? undefined : roleIs(role),
          ),
        )
        .orderBy(desc(users.id))
        .limit(limit),

    async privilegedUsersFrom(from) {
      const stated = await db
        .select({ id: statedRoles.userId, role: statedRoles.role })
        .from(statedRoles)
        .where(from && gte(statedRoles.statedAt, from));
      const listed = await db
        // A user who is a CUSTOMER here again may still be more by the tokens of another issuer.
        .select({ id: users.id, role: sql<Role>`coalesce(${statedRoles.role}, ${users.role})` })
        .from(users)
        .leftJoin(statedRoles, eq(statedRoles.userId, users.id))
        .where(from === undefined ? isPrivileged : and(isNotNull(users.roleChangedAt), gte(users.roleChangedAt, from)));
      return [...stated, ...listed];
    },

    changeProfile: (id, { image, consent, ...change }, idempotency) =>
      transactOnce(pool, idempotency, async (client) => {
        const db = drizzle(client);
        // An empty SET is not valid SQL, so the row is only read.
        if (image === undefined && consent === undefined && Object.keys(change).length === 0) {
          const user = await userById(id, db);
          return user && { user, replacedFile: null };
        }
        const isOfUser = and(eq(users.id, id), isNotDeleted);
        // Locked first: of two images at the same time the second one replaces the first, and its file is removed.
        const [before] = await db.select(USER).from(users).where(isOfUser).for('no key update');
        const [user] = await db
          .update(users)
          .set({ ...change, ...image, ...(consent && consentColumns(consent)) })
          .where(isOfUser)
          .returning(USER);
        if (user !== undefined && consent !== undefined) await recordConsent(client, id, consent);
        return user && { user, replacedFile: image && before ? before.profileImageFile : null };
      }),

    async namedFiles(names) {
      const rows = await db
        .select({ file: users.profileImageFile })
        .from(users)
        .where(inArray(users.profileImageFile, [...names]));
      return rows.flatMap(({ file }) => file ?? []);
    },
  };
}

/** Counts an address as verified and publishes user.signed_up, unless it was verified before. */
export async function acceptEmail(client: pg.PoolClient, userId: bigint, at: Date, outboxId: bigint): Promise<void> {
  const [user] = await drizzle(client)
    .update(users)
    .set({ emailVerifiedAt: at })
    .where(and(eq(users.id, userId), isNotDeleted, isNull(users.emailVerifiedAt)))
    .returning({ email: users.email });
  if (user === undefined || user.email === null) return;
  await publish(client, outboxId, 'user.signed_up', { userId: String(userId), email: user.email });
}

// The role is literal text, because the partial index is not used for a parameter.
const isPrivileged = sql`${users.role} <> 'CUSTOMER'`;
const isNotDeleted = ne(users.status, 'DELETED');
export const roleIs = (role: UserRecord['role']): SQL | undefined =>
  role === 'CUSTOMER' ? eq(users.role, role) : and(isPrivileged, eq(users.role, role));
