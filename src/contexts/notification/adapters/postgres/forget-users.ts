import type pg from 'pg';
import { USER_TABLES } from './user-tables.ts';

const FORGET_FACTS = `delete from notification.rejected_facts where fact->>'userId' = any($1::bigint[]::text[])`;

const CLOSE = `
  update notification.inboxes set deleted_at = now(), unread = 0 where user_id = any($1::bigint[]) and deleted_at is null`;

/**
 * Deletes what is kept of users who have deleted their account, for good: their inboxes stay, closed, and whoever would write for them sees that under the
 * lock. The caller holds the locks of the inboxes.
 */
export async function forgetUsers(client: Pick<pg.ClientBase, 'query'>, userIds: readonly bigint[]): Promise<void> {
  if (userIds.length === 0) return;
  await client.query(CLOSE, [userIds]);
  for (const table of USER_TABLES)
    await client.query(`delete from notification.${table} where user_id = any($1::bigint[])`, [userIds]);
  await client.query(FORGET_FACTS, [userIds]);
}
