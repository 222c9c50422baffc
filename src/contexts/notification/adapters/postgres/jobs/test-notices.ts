import { transactOnce } from '../../../../../platform/idempotency/transact-once.ts';
import { READ_TIME, timeIn } from '../../../../../platform/postgres/database-time.ts';
import type { TestNotices } from '../../../application/jobs/ports.ts';
import { writeNotices } from '../write-notices.ts';
import type { JobStoreDeps } from './job-store.ts';

export const postgresTestNotices = ({ database: { pool, time }, nextId }: JobStoreDeps): TestNotices => ({
  write: (notice, idempotency) =>
    transactOnce(pool, idempotency, async (client) => {
      const nowMs = time.presentAt(timeIn(await client.query(READ_TIME.text)));
      await writeNotices(client, [notice], { nextId, nowMs });
      return notice.subject;
    }),
});
