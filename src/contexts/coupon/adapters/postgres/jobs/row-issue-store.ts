import { type PostgresBatchDeps, rowsByLoad } from '../../../../../platform/batching/postgres-batches.ts';
import { insertEvents } from '../../../../../platform/events/outbox.ts';
import { batchTransaction } from '../../../../../platform/postgres/batch-transaction.ts';
import type { RowIssueStore } from '../../../application/jobs/ports.ts';
import type { IssueDecision, IssueSnapshot } from '../../../domain/issue/issue.ts';
import { issueReads, issueWrites, toSnapshot } from '../issue/issue-store.ts';
import { jobInput } from './job-input.ts';
import { advanceJob, hasAdvanced, lockJob, progressAfter, requireLease } from './job-step.ts';

/** Issues the rows of a job: coupons, events and progress in one transaction. */
export function postgresRowIssueStore({
  database,
  nextId,
  eventsOf,
  onEvents,
}: PostgresBatchDeps<IssueDecision, IssueSnapshot>): RowIssueStore {
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
            writes: [
              ...issueWrites(decision),
              ...insertEvents(outboxId, eventsOf(decision, snapshot)),
              ...advanceJob(job, rows, errors),
            ],
            result: progressAfter(job, rows, errors),
          };
        },
        wasCommitted: (client) => hasAdvanced(client, job),
      });
      onEvents();
      return progress;
    },
  };
}
