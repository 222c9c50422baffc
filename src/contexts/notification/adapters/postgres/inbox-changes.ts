import type pg from 'pg';
import { transactOnce } from '../../../../platform/idempotency/transact-once.ts';
import type { InboxChanges } from '../../application/ports.ts';

const LOCK = 'select read_up_to, unread from notification.inboxes where user_id = $1 for no key update';
const FIND = `
  select number, (read_at is null and number > $3) as "isUnread" from notification.notices where user_id = $1 and id = $2`;
const READ = 'update notification.notices set read_at = now() where user_id = $1 and number = $2';
// Its key is kept, so that its event, which may come again, does not write it again.
const DELETE = `
  with gone as (
    delete from notification.notices where user_id = $1 and number = $2 returning user_id, kind, subject, day, created_at
  )
  insert into notification.deleted_notices (user_id, kind, subject, day, created_at) select * from gone`;
const WITHDRAW = `delete from notification.deliveries where user_id = $1 and number = $2 and state = 'PENDING'`;
const COUNT_DOWN = 'update notification.inboxes set unread = unread - 1 where user_id = $1';
const READ_ALL = 'update notification.inboxes set read_up_to = last_number, unread = 0 where user_id = $1';

interface Inbox {
  readonly read_up_to: bigint;
  readonly unread: number;
}

/** Changes of inboxes by their users, each under the lock of the inbox. */
export function inboxChanges(pool: pg.Pool): InboxChanges {
  const changeOne =
    (change: string): InboxChanges['markRead'] =>
    (userId, noticeId, idempotency) =>
      transactOnce(pool, idempotency, async (client) => {
        const [inbox] = (await client.query<Inbox>(LOCK, [userId])).rows;
        if (inbox === undefined) return 'not found';
        const found = await client.query<{ number: bigint; isUnread: boolean }>(FIND, [
          userId,
          noticeId,
          inbox.read_up_to,
        ]);
        const [notice] = found.rows;
        if (notice === undefined) return 'not found';
        if (notice.isUnread) await client.query(COUNT_DOWN, [userId]);
        if (notice.isUnread || change === DELETE) await client.query(change, [userId, notice.number]);
        // Who deletes a notice does not want to get it by another channel.
        if (change === DELETE) await client.query(WITHDRAW, [userId, notice.number]);
        return { unread: inbox.unread - (notice.isUnread ? 1 : 0) };
      });

  return {
    markRead: changeOne(READ),
    delete: changeOne(DELETE),
    markAllRead: (userId, idempotency) =>
      transactOnce(pool, idempotency, async (client) => {
        await client.query(READ_ALL, [userId]);
        return { unread: 0 };
      }),
  };
}
