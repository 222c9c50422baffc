import { rowsByLoad } from '../../../../../platform/batching/postgres-batches.ts';
import type { IdSource } from '../../../../../platform/kernel/ids.ts';
import { batchTransaction } from '../../../../../platform/postgres/batch-transaction.ts';
import type { Database } from '../../../../../platform/postgres/database.ts';
import type { RowIssueStore } from '../../../application/jobs/direct-issue-rows.ts';
import { issueReads, issueWrites, toSnapshot } from '../issue/issue-store.ts';
import { jobInput } from './job-input.ts';
import { advanceJob, hasAdvanced, lockJob, progressAfter, requireLease } from './job-step.ts';

/** Issues the rows of a job: coupons, events and progress in one transaction. `onCommit` is called after it. */
export function postgresRowIssueStore(database: Database, nextId: IdSource, onCommit: () => void): RowIssueStore {
  return {
    lines: jobInput(database),
    async issueRows(job, commands, decide) {
      const reads = issueReads(commands);
      const outboxId = nextId();
      const progress = await batchTransaction(database, {
        load: [lockJob(job), ...reads.values()],
        decide: ([held, ...loaded]) => {
          requireLease(held);
          const snapshot = toSnapshot(rowsByLoad(reads, loaded));
          const { decision, rows, errors } = decide(snapshot);
          return {
            writes: [...issueWrites(decision, snapshot, outboxId), ...advanceJob(job, rows, errors)],
            result: progressAfter(job, rows, errors),
          };
        },
        wasCommitted: (client) => hasAdvanced(client, job),
      });
      onCommit();
      return progress;
    },
  };
}
