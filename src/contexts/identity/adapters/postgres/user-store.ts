import { and, eq, getTableColumns, gte, isNull, type SQL, sql } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { INSERT_OUTBOX, outboxValues } from '../../../../platform/events/outbox.ts';
import { transactOnce } from '../../../../platform/idempotency/transact-once.ts';
import type { SignedUp, UserStore } from '../../application/ports.ts';
import type { UserRecord } from '../../domain/user.ts';
import { sessions, users } from './schema.ts';
import { inTransaction } from './transaction.ts';

// The hash leaves the database only for a log-in.
const { passwordHash: _, ...USER } = getTableColumns(users);

/** The expression of the unique index users_email, so that the look-up uses it. */
const hasEmail = (email: string): SQL => sql`lower(${users.email}) = lower(${email})`;

export function postgresUserStore(pool: pg.Pool, onEvents: () => void): UserStore {
  const db = drizzle(pool);
  const userById = async (id: bigint, on: NodePgDatabase = db): Promise<UserRecord | undefined> => {
    const [user] = await on.select(USER).from(users).where(eq(users.id, id));
    return user;
  };
  return {
    async addUser(user, passwordHash, signedUp, idempotency) {
      const added = await transactOnce(pool, idempotency, async (client) => {
        // Waits for a concurrent sign-up with the same address, then inserts nothing. Ids are unique by construction.
        const rows = await drizzle(client)
          .insert(users)
          .values({ ...user, passwordHash })
          .onConflictDoNothing()
          .returning({ id: users.id });
        if (rows.length > 0 && signedUp !== undefined) await publish(client, signedUp);
        return rows.length > 0;
      });
      if (added === true && signedUp !== undefined) onEvents();
      return added;
    },

    async credentialsByEmail(email) {
      const [row] = await db
        .select({ user: USER, passwordHash: users.passwordHash })
        .from(users)
        .where(hasEmail(email));
      return row;
    },

    userById: (id) => userById(id),

    async privilegedUsersFrom(from) {
      // The role is literal text, because the partial index is not used for a parameter.
      const isPrivileged = sql`${users.role} <> 'CUSTOMER'`;
      const rows = await db
        .select({ id: users.id })
        .from(users)
        .where(and(isPrivileged, from === undefined ? undefined : gte(users.createdAt, from)));
      return rows.map(({ id }) => id);
    },

    changeProfile: (id, change, idempotency) =>
      transactOnce(pool, idempotency, async (client) => {
        // An empty SET is not valid SQL, so the row is only read.
        const db = drizzle(client);
        if (Object.keys(change).length === 0) return await userById(id, db);
        const [user] = await db.update(users).set(change).where(eq(users.id, id)).returning(USER);
        return user;
      }),

    changePassword: (id, passwordHash, at) =>
      inTransaction(pool, async ({ db }) => {
        await db.update(users).set({ passwordHash }).where(eq(users.id, id));
        await db
          .update(sessions)
          .set({ revokedAt: at })
          .where(and(eq(sessions.userId, id), isNull(sessions.revokedAt)));
      }),
  };
}

async function publish(client: pg.PoolClient, { outboxId, userId, email }: SignedUp): Promise<void> {
  const batch = {
    topic: 'user.signed_up',
    source: 'identity',
    keyField: 'userId',
    common: {},
    columns: ['userId', 'email'],
    rows: [[String(userId), email]],
  };
  await client.query(INSERT_OUTBOX, outboxValues(outboxId, [batch]));
}
