import { randomBytes } from 'node:crypto';
import { postgresCodeReader } from '../../src/contexts/coupon/adapters/postgres/codes/code-reader.ts';
import { postgresCodeStore } from '../../src/contexts/coupon/adapters/postgres/codes/code-store.ts';
import { postgresJobStore } from '../../src/contexts/coupon/adapters/postgres/jobs/job-store.ts';
import { postgresRowIssueStore } from '../../src/contexts/coupon/adapters/postgres/jobs/row-issue-store.ts';
import { NO_CLAIMS } from '../../src/contexts/coupon/application/codes/ports.ts';
import { issueEvents } from '../../src/contexts/coupon/application/issue/issue-events.ts';
import { directIssueRows } from '../../src/contexts/coupon/application/jobs/direct-issue-rows.ts';
import { generateCodesRows } from '../../src/contexts/coupon/application/jobs/generate-codes-rows.ts';
import { importCodesRows } from '../../src/contexts/coupon/application/jobs/import-codes-rows.ts';
import { jobRunner } from '../../src/platform/jobs/runner.ts';
import { classifyFailure } from '../../src/platform/postgres/batch-transaction.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { collectingJobLog } from './outages.ts';
import { execute } from './postgres-admin.ts';

/** A runner of all kinds of jobs on connections of its own, with ids from `firstId` up. Not started. */
export function jobRunnerOver(url: string, firstId: bigint, clock: () => number = Date.now) {
  const database = openDatabase({ url, onError: () => {} });
  let next = firstId;
  const nextId = () => next++;
  const store = postgresJobStore(database);
  const reader = postgresCodeReader(database);
  const codes = postgresCodeStore(database, reader, NO_CLAIMS, () => {});
  const errors: unknown[] = [];
  const lists = directIssueRows(
    postgresRowIssueStore({ database, nextId, eventsOf: issueEvents, onEvents: () => {} }),
    clock,
    nextId,
  );
  const runner = jobRunner({
    leases: store,
    kinds: [lists, generateCodesRows(codes, randomBytes), importCodesRows(codes)],
    clock,
    classify: classifyFailure,
    log: collectingJobLog(errors),
  });
  return { database, store, reader, codes, lists, runner, errors };
}

/** Lets 9 s pass for the lease of this job, of its 10 s. Waits for a step under way. */
export const shortenLease = (url: string, jobId: bigint): Promise<void> =>
  execute(url, `update coupon.coupon_jobs set lease_until = lease_until - interval '9 seconds' where id = ${jobId}`);
