import type pg from 'pg';
import type { Kind } from '../../domain/kinds.ts';

/** Notices that have lost their reason. */
export interface NoticeDrop {
  readonly userId: bigint;
  readonly kind: Kind;
  readonly subject: string;
}

const INPUT = 'unnest($1::bigint[], $2::text[], $3::text[]) as d(user_id, kind, subject)';

const DROP_NOTICES = `
  with dropped as (
    delete from notification.notices as n using ${INPUT}, notification.inboxes as i
    where n.user_id = d.user_id and n.kind = d.kind and n.subject = d.subject
      and i.user_id = n.user_id and n.read_at is null and n.number > i.read_up_to
    returning n.user_id
  )
  update notification.inboxes as i set unread = i.unread - d.notices
  from (select user_id, count(*)::int as notices from dropped group by user_id) as d where i.user_id = d.user_id`;

const DROP_DELIVERIES = `
  delete from notification.deliveries as n using ${INPUT}
  where n.user_id = d.user_id and n.kind = d.kind and n.subject = d.subject and n.state = 'PENDING'`;

/** Deletes the unread notices and what was not sent of them. The caller holds the locks of the inboxes. */
export async function dropNotices(client: Pick<pg.ClientBase, 'query'>, drops: readonly NoticeDrop[]): Promise<void> {
  if (drops.length === 0) return;
  const values = [
    drops.map(({ userId }) => userId),
    drops.map(({ kind }) => kind),
    drops.map(({ subject }) => subject),
  ];
  await client.query(DROP_NOTICES, values);
  await client.query(DROP_DELIVERIES, values);
}
