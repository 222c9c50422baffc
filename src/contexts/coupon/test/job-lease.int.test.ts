import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { collectingJobLog } from '../../../../test/support/outages.ts';
import { testDatabase } from '../../../../test/support/postgres.ts';
import { jobRunner } from '../../../platform/jobs/runner.ts';
import { Unavailable } from '../../../platform/kernel/refusal.ts';
import { classifyFailure } from '../../../platform/postgres/batch-transaction.ts';
import { openDatabase } from '../../../platform/postgres/database.ts';
import { postgresJobStore } from '../adapters/postgres/jobs/job-store.ts';
import { postgresRowIssueStore } from '../adapters/postgres/jobs/row-issue-store.ts';
import { postgresPolicyStore } from '../adapters/postgres/policy/policy-store.ts';
import { issueEvents } from '../application/issue/issue-events.ts';
import { directIssueRows } from '../application/jobs/direct-issue-rows.ts';
import { newJob } from '../application/jobs/open-job.ts';
import { policyEvents } from '../application/policy/policy-events.ts';
import { NOW_MS, policy, terms } from './policies.ts';

const ROWS = 5_000;
const PART_ROWS = 1_000;

/** At each of these calls the node has no leased node number. */
it.each([[2_500], [1], [1_001, 1_002, 1_003]])(
  'a job continues after a node was briefly without ids: at %j',
  async (...missing) => {
    const home = await testDatabase();
    const database = openDatabase({ url: home.url, onError: () => {} });
    const policies = postgresPolicyStore({
      database,
      nextId: countingIds(1n),
      eventsOf: policyEvents,
      onEvents: () => {},
    });
    const window = { validFrom: new Date(NOW_MS - 1), validUntil: new Date(Date.now() + 10 ** 9) };
    const direct = { distributionType: 'DIRECT' as const, maxIssueCount: undefined, ...window };
    await policies.insert(policy(1n, { terms: terms(direct) }));
    let next = 10_000_000n;
    let calls = 0;
    const nextId = () => {
      calls += 1;
      if (missing.includes(calls)) throw new Unavailable('DEPENDENCY_UNAVAILABLE', 'no lease of a node number');
      return next++;
    };
    const store = postgresJobStore(database);
    const errors: unknown[] = [];
    const rows = postgresRowIssueStore({ database, nextId, eventsOf: issueEvents, onEvents: () => {} });
    const runner = jobRunner({
      leases: store,
      kinds: [directIssueRows(rows, Date.now, nextId)],
      clock: Date.now,
      classify: classifyFailure,
      log: collectingJobLog(errors),
    });
    const begun = {
      id: 5n,
      kind: 'DIRECT_ISSUE',
      policyId: 1n,
      createdBy: 7n,
      status: 'OPEN',
      total: 0,
      params: {},
    } as const;
    await store.insert(newJob(begun, Date.now()));
    for (let part = 0; part * PART_ROWS < ROWS; part++) {
      const lines = Array.from({ length: PART_ROWS }, (_, line) => String(part * PART_ROWS + line + 1));
      await store.append(5n, part, lines, ROWS);
    }
    await store.submit(5n);
    runner.start();
    for (;;) {
      const job = await store.find(5n);
      if (job?.status === 'DONE' || job?.status === 'FAILED') break;
      await sleep(50);
    }
    const job = await store.find(5n);
    const { rows: counted } = await database.pool.query('select count(*)::int as coupons from coupon.coupon_issues');
    await runner.stop();
    await database.close();
    await home.drop();
    expect(job).toMatchObject({ status: 'DONE', done: ROWS, failed: 0 });
    expect(counted).toEqual([{ coupons: ROWS }]);
    expect(errors).toHaveLength(missing.length);
  },
);
