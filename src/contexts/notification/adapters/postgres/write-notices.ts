import type pg from 'pg';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { computed, converted, millis, shared } from '../../../../platform/postgres/mapped-fields.ts';
import { tableMapping } from '../../../../platform/postgres/table-mapping.ts';
import type { Kind } from '../../domain/kinds.ts';
import type { NewNotice } from '../../domain/notice.ts';
import { lockInboxes } from './inbox-locks.ts';
import { notices } from './schema.ts';

type Client = Pick<pg.ClientBase, 'query'>;

/** A notice that was written. */
export interface WrittenNotice {
  readonly userId: bigint;
  readonly number: bigint;
  readonly id: bigint;
  readonly kind: Kind;
  readonly subject: string;
}

const NOTICE = tableMapping(notices, {
  id: notices.id,
  userId: notices.userId,
  kind: converted(
    notices.kind,
    (kind) => kind as Kind,
    (kind) => kind,
  ),
  subject: notices.subject,
  day: notices.day,
  data: notices.data,
  createdAtMs: shared(millis(notices.createdAt)),
  number: computed(
    notices.number,
    (row) => `${row}last_number + row_number() over (partition by ${row}user_id order by ${row}id)`,
  ),
});

/**
 * A statement after the lock, so that it sees what the last holder committed. Numbers of notices that were there already stay unused. The batch for the
 * channels is written with them, so that no notice is written and not delivered.
 */
const WRITE = `
  with wanted as materialized (
    select n.*, i.last_number
    from unnest(${NOTICE.arrays()}) as n(${NOTICE.names}) join notification.inboxes as i using (user_id)
    where i.deleted_at is null and not exists (
      select from notification.preferences as p
      where p.user_id = n.user_id and p.kind = n.kind and p.channel = 'INBOX' and not p.enabled
    ) and not exists (
      select from notification.deleted_notices as d
      where d.user_id = n.user_id and d.kind = n.kind and d.subject = n.subject and d.day = n.day
    )
  ), written as (
    insert into notification.notices (${NOTICE.insertColumns}) select ${NOTICE.insertValues('wanted.')} from wanted
    on conflict (user_id, kind, subject, day) do nothing
    returning user_id, number, id, kind, subject
  ), counted as (
    update notification.inboxes as i set last_number = w.number, unread = i.unread + w.notices
    from (select user_id, max(number) as number, count(*)::int as notices from written group by user_id) as w
    where i.user_id = w.user_id
  ), batch as (
    insert into notification.delivery_batches (user_ids, numbers)
    select array_agg(user_id order by user_id, number), array_agg(number order by user_id, number)
    from written having count(*) > 0
  )
  select user_id as "userId", number, id, kind, subject from written`;

/**
 * Writes those of the notices that their users neither have nor have deleted, counts them as unread and hands them to the channels. Users who have deleted their account, or
 * turned the kind off, get none. Locks the inboxes in ascending order until the transaction ends, so call it once in a transaction, and before other locks.
 * @param client a connection of the pool, with an open transaction at READ COMMITTED
 * @param nowMs when the notices were written, by the database's clock
 * @returns what was written
 */
export async function writeNotices(
  client: Client,
  wanted: readonly NewNotice[],
  { nextId, nowMs }: { readonly nextId: IdSource; readonly nowMs: number },
): Promise<readonly WrittenNotice[]> {
  if (wanted.length === 0) return [];
  await lockInboxes(
    client,
    wanted.map(({ userId }) => userId),
  );
  const rows = wanted.map((notice) => ({ ...notice, id: nextId() }));
  const values = NOTICE.values(rows, { createdAtMs: nowMs });
  return (await client.query<WrittenNotice>({ name: 'notice-write', text: WRITE, values })).rows;
}
