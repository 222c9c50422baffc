import type pg from 'pg';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import type { OldNotices } from '../../application/ports.ts';
import { lockInboxes } from './inbox-locks.ts';

/** By the index on the time of creation; in any order, since all of them go. */
const FIND = 'select user_id as "userId", number from notification.notices where created_at < $1 limit $2';

/** A delivery of a deleted notice is over: at most its outcome is known. */
const DELETE = `
  with old as (
    delete from notification.notices as n using unnest($1::bigint[], $2::bigint[]) as o(user_id, number), notification.inboxes as i
    where n.user_id = o.user_id and n.number = o.number and i.user_id = n.user_id
    returning n.user_id, n.kind, n.subject, n.day, n.read_at is null and n.number > i.read_up_to as is_unread
  ), counted as (
    update notification.inboxes as i set unread = i.unread - o.unread
    from (select user_id, count(*) filter (where is_unread)::int as unread from old group by user_id) as o
    where i.user_id = o.user_id and o.unread > 0
  ), gone as (
    delete from notification.deliveries as d using old as o
    where d.user_id = o.user_id and d.kind = o.kind and d.subject = o.subject and d.day = o.day
  )
  select count(*)::int as notices from old`;

const FORGET_DELETED = `
  delete from notification.deleted_notices where ctid = any(array(
    select ctid from notification.deleted_notices where created_at < $1 limit $2))`;

export const oldNotices = (pool: pg.Pool): OldNotices => ({
  async find(before, limit) {
    const { rows } = await pool.query<{ userId: bigint; number: bigint }>(FIND, [before, limit]);
    return rows;
  },
  forgetDeleted: async (before, limit) => (await pool.query(FORGET_DELETED, [before, limit])).rowCount ?? 0,
  delete: (old) =>
    inTransaction(pool, async (client) => {
      const userIds = old.map(({ userId }) => userId);
      await lockInboxes(client, userIds);
      const numbers = old.map(({ number }) => number);
      return (await client.query<{ notices: number }>(DELETE, [userIds, numbers])).rows[0]?.notices ?? 0;
    }),
});
