import { and, desc, eq, inArray, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { transactOnce } from '../../../../platform/idempotency/transact-once.ts';
import type { PushStore, SubscriptionSaved, SubscriptionStore } from '../../application/deliver/push/ports.ts';
import { lockLiveInbox } from './inbox-locks.ts';
import { pushSubscriptions } from './schema.ts';

/** Browsers of a user. */
const BROWSERS_MAX = 10;

/** Browsers that take notices, on PostgreSQL. A change locks the inbox, so that none stays of a user who deletes the account meanwhile. */
export function postgresPushStore(pool: pg.Pool): PushStore & SubscriptionStore {
  const db = drizzle(pool);
  return {
    subscriptionsOf: (userIds) =>
      db
        .select({
          userId: pushSubscriptions.userId,
          endpoint: pushSubscriptions.endpoint,
          p256dh: pushSubscriptions.p256dh,
          auth: pushSubscriptions.auth,
        })
        .from(pushSubscriptions)
        .where(inArray(pushSubscriptions.userId, [...new Set(userIds)])),

    async remove(endpoint) {
      await db.delete(pushSubscriptions).where(eq(pushSubscriptions.endpoint, endpoint));
    },

    save: ({ userId, ...keys }, idempotency) =>
      transactOnce<SubscriptionSaved>(pool, idempotency, async (client) => {
        if (!(await lockLiveInbox(client, userId))) return 'deleted user';
        const tx = drizzle(client);
        const row = { userId, ...keys, createdAt: new Date() };
        const saved = await tx
          .insert(pushSubscriptions)
          .values(row)
          .onConflictDoUpdate({
            target: pushSubscriptions.endpoint,
            set: row,
            setWhere: sql`${pushSubscriptions.userId} = ${userId} or ${pushSubscriptions.auth} = ${keys.auth}`,
          })
          .returning({ endpoint: pushSubscriptions.endpoint });
        if (saved.length === 0) return 'taken';
        const kept = tx
          .select({ endpoint: pushSubscriptions.endpoint })
          .from(pushSubscriptions)
          .where(eq(pushSubscriptions.userId, userId))
          .orderBy(desc(pushSubscriptions.createdAt))
          .offset(BROWSERS_MAX);
        await tx.delete(pushSubscriptions).where(inArray(pushSubscriptions.endpoint, kept));
        return 'saved';
      }),

    removeOf: (userId, endpoint, idempotency) =>
      transactOnce<SubscriptionSaved>(pool, idempotency, async (client) => {
        await drizzle(client)
          .delete(pushSubscriptions)
          .where(and(eq(pushSubscriptions.userId, userId), eq(pushSubscriptions.endpoint, endpoint)));
        return 'saved';
      }),
  };
}
