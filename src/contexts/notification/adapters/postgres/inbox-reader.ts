import { and, desc, eq, gt, isNull, lt } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import type { InboxReader } from '../../application/ports.ts';
import type { Kind } from '../../domain/kinds.ts';
import type { Notice } from '../../domain/notice.ts';
import { inboxes, notices, settings } from './schema.ts';

const EMPTY = { readUpTo: 0n, unread: 0, language: null, timezone: null } as const;

/** Reads inboxes. A user without notices has an empty one. */
export function inboxReader(pool: pg.Pool): InboxReader {
  const db = drizzle(pool);

  async function headOf(userId: bigint) {
    const [row] = await db
      .select({
        readUpTo: inboxes.readUpTo,
        unread: inboxes.unread,
        language: settings.language,
        timezone: settings.timezone,
      })
      .from(inboxes)
      .leftJoin(settings, eq(settings.userId, inboxes.userId))
      .where(eq(inboxes.userId, userId));
    return row ?? EMPTY;
  }

  const select = () => db.select().from(notices).$dynamic();
  const toNotice = (readUpTo: bigint, row: typeof notices.$inferSelect): Notice => ({
    ...row,
    kind: row.kind as Kind,
    isRead: row.readAt !== null || row.number <= readUpTo,
  });

  return {
    headOf,
    async list(userId, { before, limit, unreadOnly }) {
      const head = await headOf(userId);
      const isUnread = unreadOnly ? and(isNull(notices.readAt), gt(notices.number, head.readUpTo)) : undefined;
      const rows = await select()
        .where(and(eq(notices.userId, userId), before === undefined ? undefined : lt(notices.number, before), isUnread))
        .orderBy(desc(notices.number))
        .limit(limit);
      return { head, notices: rows.map((row) => toNotice(head.readUpTo, row)) };
    },
  };
}
