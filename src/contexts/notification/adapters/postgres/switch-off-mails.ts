import type pg from 'pg';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import type { Kind } from '../../domain/kinds.ts';
import { lockInboxes } from './inbox-locks.ts';

/** Turns mails of these kinds off. A user who has deleted the account gets no row. */
export const switchOffMails =
  (pool: pg.Pool) =>
  (userId: bigint, kinds: readonly Kind[]): Promise<void> =>
    inTransaction(pool, async (client) => {
      await lockInboxes(client, [userId]);
      await client.query(
        `insert into notification.preferences (user_id, kind, channel, enabled)
         select $1, kind, 'EMAIL', false from unnest($2::text[]) as k(kind), notification.inboxes as i
         where i.user_id = $1 and i.deleted_at is null
         on conflict (user_id, kind, channel) do update set enabled = false`,
        [userId, kinds],
      );
    });
