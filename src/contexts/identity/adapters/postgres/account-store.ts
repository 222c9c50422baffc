import { and, asc, eq, isNull, ne, or } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { transactOnce } from '../../../../platform/idempotency/transact-once.ts';
import type { AccountOutcome, DeletionOutcome, UserStore } from '../../application/ports.ts';
import { NO_PASSWORD } from '../../domain/password.ts';
import { anonymised, type UserRecord } from '../../domain/user.ts';
import { consentColumns } from './consent-columns.ts';
import { deleteLinks } from './delete-links.ts';
import { eraseSubject } from './erased-subject.ts';
import { publish } from './publish.ts';
import { recordConsent } from './record-consent.ts';
import { mails, sessions, statedRoles, users } from './schema.ts';
import { roleIs, USER } from './user-store.ts';

/**
 * Changes that end sessions. Each locks the row of the user first and the sessions in the next statement, which sees those of a log-in that
 * held the row before. A log-in that comes later sees the changed user.
 */
export function postgresAccountStore(
  pool: pg.Pool,
  onEvents: () => void,
): Pick<UserStore, 'changePassword' | 'changeAccount' | 'deleteAccount'> {
  return {
    async changePassword({ userId, passwordHash, replacedHash, at, outboxId }, idempotency) {
      const outcome = await transactOnce<readonly bigint[] | undefined>(pool, idempotency, async (client) => {
        const db = drizzle(client);
        const changed = await db
          .update(users)
          .set({ passwordHash })
          .where(
            and(
              eq(users.id, userId),
              ne(users.status, 'DELETED'),
              replacedHash === undefined ? undefined : eq(users.passwordHash, replacedHash),
            ),
          )
          .returning({ id: users.id });
        if (changed.length === 0) return undefined;
        await deleteLinks(db, userId);
        if (outboxId !== undefined) {
          await publish(client, outboxId, 'user.password_changed', { userId: String(userId) });
        }
        return await endSessions(db, userId, at);
      });
      if (outboxId !== undefined) onEvents();
      return outcome;
    },

    changeAccount: (id, decide, at, idempotency) =>
      transactOnce<AccountOutcome>(pool, idempotency, async (client) => {
        const db = drizzle(client);
        const { before, otherAdmins } = await lockAccount(db, id);
        const [stated] = await db
          .select({ role: statedRoles.role })
          .from(statedRoles)
          .where(eq(statedRoles.userId, id));
        const decision = decide(before, otherAdmins, stated?.role);
        if (decision.kind === 'REFUSE') return decision;
        const { role, status } = decision;
        const [user] = await db
          .update(users)
          .set({
            role,
            status,
            ...(role !== before?.role && { roleChangedAt: at }),
            ...(status !== before?.status && { statusChangedAt: at }),
          })
          .where(eq(users.id, id))
          .returning(USER);
        if (user === undefined) throw new Error('a locked user is gone');
        const endedSessions = decision.endSessions ? await endSessions(db, id, at) : [];
        return { kind: 'CHANGED', user, endedSessions };
      }),

    async deleteAccount({ userId, at, outboxId, random }, decide, idempotency) {
      const outcome = await transactOnce<DeletionOutcome>(pool, idempotency, async (client) => {
        const db = drizzle(client);
        const { before, otherAdmins } = await lockAccount(db, userId);
        const decision = decide(before, otherAdmins);
        if (decision.kind === 'REFUSE') return decision;
        if (before === undefined) throw new Error('an unknown user was deleted');
        await db
          .update(users)
          .set({
            ...anonymised(before, random),
            statusChangedAt: at,
            ...consentColumns({ given: false, at, source: 'DELETION' }),
            passwordHash: NO_PASSWORD,
          })
          .where(eq(users.id, userId));
        if (before.issuer !== null) await eraseSubject(client, userId);
        if (before.marketingConsent) await recordConsent(client, userId, { given: false, at, source: 'DELETION' });
        await deleteLinks(db, userId);
        if (before.email !== null) await db.delete(mails).where(eq(mails.email, before.email));
        await publish(client, outboxId, 'user.deleted', { userId: String(userId) });
        const endedSessions = await endSessions(db, userId, at);
        return { kind: 'DELETED', endedSessions, imageFile: before.profileImageFile };
      });
      onEvents();
      return outcome;
    },
  };
}

/** Locks the account and all active ADMINs, in one order: two of them who lock each other wait here, and the second one is the last. */
async function lockAccount(
  db: NodePgDatabase,
  id: bigint,
): Promise<{ readonly before: UserRecord | undefined; readonly otherAdmins: number }> {
  const locked = await db
    .select(USER)
    .from(users)
    .where(or(eq(users.id, id), and(roleIs('ADMIN'), eq(users.status, 'ACTIVE'))))
    .orderBy(asc(users.id))
    .for('no key update');
  // Whether one of another issuer still is an administrator there, is not known here.
  const others = locked.filter(
    (user) => user.id !== id && user.role === 'ADMIN' && user.status === 'ACTIVE' && user.issuer === null,
  );
  return { before: locked.find((user) => user.id === id), otherAdmins: others.length };
}

export async function endSessions(db: NodePgDatabase, userId: bigint, at: Date): Promise<readonly bigint[]> {
  const ended = await db
    .update(sessions)
    .set({ revokedAt: at })
    .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAt)))
    .returning({ id: sessions.id });
  return ended.map(({ id }) => id);
}
