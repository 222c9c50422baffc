import type { IdSource } from '../../../../platform/kernel/ids.ts';
import type { Database } from '../../../../platform/postgres/database.ts';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import type { ReminderStore } from '../../application/ports.ts';
import { dropNotices } from './drop-notices.ts';
import { writeNotices } from './write-notices.ts';

const WITHOUT = `
  select user_id from notification.settings where user_id = any($1::bigint[]) and not ($2::int = any(expiry_days))`;

export function reminderStore(database: Database, nextId: IdSource): ReminderStore {
  const { pool, readTime } = database;
  return {
    async withoutReminder(userIds, days) {
      const { rows } = await pool.query<{ user_id: bigint }>(WITHOUT, [userIds, days]);
      return new Set(rows.map(({ user_id }) => user_id));
    },
    async write(wanted, withoutReason) {
      const nowMs = await readTime();
      return await inTransaction(pool, async (client) => {
        const written = await writeNotices(client, wanted, { nextId, nowMs });
        if (written.length > 0) await dropNotices(client, await withoutReason(written));
        return written;
      });
    },
  };
}
