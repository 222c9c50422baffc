import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { inboxes } from './schema.ts';

const ADD_INBOXES = `
  insert into notification.inboxes (user_id) select distinct user_id from unnest($1::bigint[]) as u(user_id) order by user_id
  on conflict do nothing`;

const LOCK_INBOXES = `
  select from notification.inboxes where user_id = any($1::bigint[]) order by user_id for no key update`;

/**
 * Locks the inboxes of users until the transaction ends, in ascending order, so that no two transactions wait for each other. Users without an inbox get an
 * empty one. Call it once in a transaction with all of its users. What the statements after it see is what the last holder committed.
 */
export async function lockInboxes(client: Pick<pg.ClientBase, 'query'>, userIds: readonly bigint[]): Promise<void> {
  const values = [[...new Set(userIds)]];
  await client.query({ name: 'notice-add-inboxes', text: ADD_INBOXES, values });
  await client.query({ name: 'notice-lock-inboxes', text: LOCK_INBOXES, values });
}

/** Locks the inbox of a user. Returns false when the user has deleted the account. */
export async function lockLiveInbox(client: pg.PoolClient, userId: bigint): Promise<boolean> {
  await lockInboxes(client, [userId]);
  const [inbox] = await drizzle(client)
    .select({ deletedAt: inboxes.deletedAt })
    .from(inboxes)
    .where(eq(inboxes.userId, userId));
  return inbox?.deletedAt === null;
}
