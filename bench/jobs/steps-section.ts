import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { postgresJobStore } from '../../src/contexts/coupon/adapters/postgres/jobs/job-store.ts';
import { postgresRowIssueStore } from '../../src/contexts/coupon/adapters/postgres/jobs/row-issue-store.ts';
import { postgresPolicyStore } from '../../src/contexts/coupon/adapters/postgres/policy/policy-store.ts';
import { issueEvents } from '../../src/contexts/coupon/application/issue/issue-events.ts';
import { directIssueRows } from '../../src/contexts/coupon/application/jobs/direct-issue-rows.ts';
import { newJob } from '../../src/contexts/coupon/application/jobs/open-job.ts';
import { policyEvents } from '../../src/contexts/coupon/application/policy/policy-events.ts';
import { policy, terms } from '../../src/contexts/coupon/test/policies.ts';
import { jobRunner } from '../../src/platform/jobs/runner.ts';
import { DAY_MS } from '../../src/platform/kernel/durations.ts';
import { classifyFailure } from '../../src/platform/postgres/batch-transaction.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { type Spread, spreadOf } from '../support/statistics.ts';

export interface StepFigures {
  /** Rows a step, and so coupons a transaction. */
  readonly stepRows: number;
  readonly issuesPerSecond: Spread;
}

const PART_LINES = 10_000;

/** The runner alone, without an edge and a relay, with steps of several sizes in turns. */
export async function measureSteps(
  url: string,
  sizes: readonly number[],
  rows: number,
  rounds: number,
): Promise<StepFigures[]> {
  const measured = new Map(sizes.map((size) => [size, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const size of round % 2 === 0 ? sizes : sizes.toReversed()) {
      await emptied(url);
      measured.get(size)?.push(await measure(url, size, rows));
    }
  }
  return sizes.map((stepRows) => ({ stepRows, issuesPerSecond: spreadOf(measured.get(stepRows) ?? []) }));
}

async function measure(url: string, stepRows: number, rows: number): Promise<number> {
  const database = openDatabase({ url, onError: () => {} });
  let next = BigInt(Date.now()) * 1_000_000n;
  const nextId = () => next++;
  const store = postgresJobStore(database);
  const policyId = nextId();
  const window = { validFrom: new Date(Date.now() - DAY_MS), validUntil: new Date(Date.now() + DAY_MS) };
  const stated = terms({ ...window, distributionType: 'DIRECT', maxIssueCount: undefined });
  await postgresPolicyStore({ database, nextId, eventsOf: policyEvents, onEvents: () => {} }).insert(
    policy(policyId, { terms: stated }),
  );
  const begun = { kind: 'DIRECT_ISSUE', policyId, createdBy: 1n, status: 'OPEN', total: 0, params: {} } as const;
  const id = nextId();
  await store.insert(newJob({ ...begun, id }, Date.now()));
  for (let part = 0; part * PART_LINES < rows; part++) {
    const count = Math.min(PART_LINES, rows - part * PART_LINES);
    const lines = Array.from({ length: count }, (_, index) => String(1 + part * PART_LINES + index));
    await store.append(id, part, lines, rows);
  }
  await store.submit(id);
  const runner = jobRunner({
    leases: store,
    kinds: [
      directIssueRows(
        postgresRowIssueStore({ database, nextId, eventsOf: issueEvents, onEvents: () => {} }),
        Date.now,
        nextId,
        stepRows,
      ),
    ],
    clock: Date.now,
    classify: classifyFailure,
    log: {
      polls: { failed: (error) => console.error(error), succeeded() {} },
      retried: (error) => console.error(error),
      failed: (error) => console.error(error),
    },
  });
  const started = performance.now();
  runner.start();
  for (let job = await store.find(id); job?.status !== 'DONE'; job = await store.find(id)) {
    if (job?.status === 'FAILED') throw new Error('the job failed');
    await sleep(20);
  }
  const seconds = (performance.now() - started) / 1000;
  await runner.stop();
  await database.close();
  return Math.round(rows / seconds);
}

/** Every run begins with empty tables and after a checkpoint. */
async function emptied(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('truncate coupon.coupon_issues, coupon.coupon_jobs, coupon.coupon_job_input, platform.outbox');
  await client.query('checkpoint').catch(() => undefined);
  await client.end();
}
