import { and, eq, getTableColumns, gte, inArray, lt } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import type { SessionOutcome, SessionStore } from '../../application/ports.ts';
import type { SessionChange } from '../../domain/session.ts';
import { refreshTokens, sessions, users } from './schema.ts';
import { inTransaction, type Transaction } from './transaction.ts';

/** Expired sessions of the same user that a log-in deletes, so that no scheduled task and no long transaction is needed. */
const DELETED_MAX = 50;

const { sessionId: _, ...TOKEN } = getTableColumns(refreshTokens);
const KEPT: SessionOutcome = { change: { kind: 'KEEP' }, user: undefined };

export function postgresSessionStore(pool: pg.Pool): SessionStore {
  const db = drizzle(pool);
  return {
    addSession: (session, token, passwordHash) =>
      inTransaction(pool, async ({ db }) => {
        // Waits for a change of the password or a lock, and lets none happen before the session is there for it to end.
        const { userId } = session;
        const isUnchanged = and(eq(users.id, userId), eq(users.passwordHash, passwordHash), eq(users.status, 'ACTIVE'));
        const found = await db.select({ id: users.id }).from(users).where(isUnchanged).for('share');
        if (found.length === 0) return false;
        await deleteExpired(db, session.userId, session.startedAt);
        await db.insert(sessions).values(session);
        await db.insert(refreshTokens).values({ ...token, sessionId: session.id });
        return true;
      }),

    changeSession: (sessionId, digest, decide) =>
      inTransaction(pool, async ({ db }) => {
        const [session] = await db.select().from(sessions).where(eq(sessions.id, sessionId)).for('update');
        if (session === undefined) return KEPT;
        // A separate statement after the lock: the locking statement would not see what the last holder committed.
        const [found] = await db
          .select({ token: TOKEN, user: { id: users.id, role: users.role } })
          .from(refreshTokens)
          .innerJoin(users, eq(users.id, session.userId))
          .where(and(eq(refreshTokens.digest, digest), eq(refreshTokens.sessionId, sessionId)));
        const change = decide(found === undefined ? undefined : { session, token: found.token });
        await save(db, sessionId, digest, change);
        return { change, user: found?.user };
      }),

    async revokedFrom(from) {
      const rows = await db.select({ id: sessions.id }).from(sessions).where(gte(sessions.revokedAt, from));
      return rows.map((row) => row.id);
    },
  };
}

async function save(db: Transaction['db'], sessionId: bigint, digest: string, change: SessionChange): Promise<void> {
  switch (change.kind) {
    case 'KEEP':
      return;
    case 'REVOKE':
      await db.update(sessions).set({ revokedAt: change.at }).where(eq(sessions.id, sessionId));
      return;
    case 'ROTATE':
      await db.update(refreshTokens).set({ rotatedAt: change.at }).where(eq(refreshTokens.digest, digest));
      await db.insert(refreshTokens).values({ ...change.next, sessionId });
      await db.update(sessions).set({ expiresAt: change.next.expiresAt }).where(eq(sessions.id, sessionId));
      // An expired token is refused whether or not it was rotated, so it can be deleted.
      await db
        .delete(refreshTokens)
        .where(and(eq(refreshTokens.sessionId, sessionId), lt(refreshTokens.expiresAt, change.at)));
  }
}

async function deleteExpired(db: Transaction['db'], userId: bigint, now: Date): Promise<void> {
  const expired = db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.userId, userId), lt(sessions.expiresAt, now)))
    .limit(DELETED_MAX)
    .for('update', { skipLocked: true });
  await db.delete(sessions).where(inArray(sessions.id, expired));
}
