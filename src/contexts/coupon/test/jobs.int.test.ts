import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { jobRunnerOver, shortenLease } from '../../../../test/support/coupon-job-runner.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { JobLeaseLost } from '../../../platform/jobs/leases.ts';
import { postgresPolicyStore } from '../adapters/postgres/policy/policy-store.ts';
import { newJob } from '../application/jobs/open-job.ts';
import type { JobRecord } from '../application/jobs/ports.ts';
import { policyEvents } from '../application/policy/policy-events.ts';
import { NOW_MS, policy, terms } from './policies.ts';

const PROCESS = join(import.meta.dirname, '../../../../test/support/coupon-job-process.ts');
const JOB = 5n;
let home: TestDatabase;
let nodes: ReturnType<typeof jobRunnerOver>[];
beforeEach(async () => {
  home = await testDatabase();
  nodes = [];
  const { database } = open();
  const policies = postgresPolicyStore({
    database,
    nextId: countingIds(1n),
    eventsOf: policyEvents,
    onEvents: () => {},
  });
  const changed = { distributionType: 'DIRECT' as const, maxIssueCount: undefined };
  await policies.insert(policy(1n, { terms: terms({ ...changed, ...alwaysOpen() }) }));
});
afterEach(async () => {
  for (const { runner, database } of nodes) {
    await runner.stop();
    await database.close();
  }
  await home.drop();
});

const alwaysOpen = () => ({ validFrom: new Date(NOW_MS - 1), validUntil: new Date(Date.now() + 10 ** 9) });

function open(): ReturnType<typeof jobRunnerOver> {
  // Each node has its own ids, as with leased node numbers.
  const node = jobRunnerOver(home.url, 10_000_000n * BigInt(nodes.length + 1));
  nodes.push(node);
  return node;
}

/** Queues a job over these lines, in parts of `partLines`. */
async function queue(lines: readonly string[], partLines = 1_000, id = JOB): Promise<void> {
  const [{ store } = open()] = nodes;
  const begun = {
    id,
    kind: 'DIRECT_ISSUE',
    policyId: 1n,
    createdBy: 7n,
    status: 'OPEN',
    total: 0,
    params: {},
  } as const;
  await store.insert(newJob(begun, Date.now()));
  for (let part = 0; part * partLines < lines.length; part++) {
    const appended = await store.append(id, part, lines.slice(part * partLines, (part + 1) * partLines), 10 ** 6);
    expect(appended).toMatchObject({ status: 'OPEN', total: Math.min(lines.length, (part + 1) * partLines) });
  }
  await store.submit(id);
}

async function ended(id = JOB): Promise<JobRecord> {
  for (;;) {
    const job = await nodes[0]?.store.find(id);
    if (job?.status === 'DONE' || job?.status === 'FAILED') return job;
    await sleep(20);
  }
}

const users = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1));
const query = async (text: string) => (await nodes[0]?.database.pool.query(text))?.rows ?? [];

/** Every user of `users(count)` has one coupon, and the numbers have no gap. */
async function expectExact(count: number): Promise<void> {
  const found = await query(
    `select count(*)::int coupons, count(distinct user_id)::int users, max(sequence_no) last, max(user_id)::int last_user,
       (select current_issue_count from coupon.coupon_policies) counted,
       (select sum(events)::int from platform.outbox where topics = '{coupon.issued}') events
     from coupon.coupon_issues`,
  );
  expect(found).toEqual([
    { coupons: count, users: count, last: count, last_user: count, counted: count, events: count },
  ]);
}

/** A job stays leased to a frozen runner for the rest of its lease, 10 s. */
const WITH_LEASE = { timeout: 90_000 };

describe('a job', () => {
  it('a job issues to every user of its list and stores each row that failed', async () => {
    const lines = users(2_500);
    lines[3] = 'somebody';
    lines[999] = '0';
    lines[1_000] = ' 1 ';
    lines[1_001] = '9223372036854775808';
    lines[2_400] = '2400';
    await queue(lines);
    open().runner.start();
    expect(await ended()).toMatchObject({ status: 'DONE', total: 2_500, done: 2_500, failed: 5, error: undefined });
    expect(await nodes[0]?.store.errors(JOB, 0, 100)).toEqual([
      { row: 4, line: 'somebody', code: 'VALIDATION_FAILED' },
      { row: 1_000, line: '0', code: 'VALIDATION_FAILED' },
      { row: 1_001, line: ' 1 ', code: 'COUPON_ALREADY_ISSUED' },
      { row: 1_002, line: '9223372036854775808', code: 'VALIDATION_FAILED' },
      { row: 2_401, line: '2400', code: 'COUPON_ALREADY_ISSUED' },
    ]);
    expect(await nodes[0]?.store.errors(JOB, 1_000, 1)).toMatchObject([{ row: 1_001 }]);
    expect(await query('select count(*)::int from coupon.coupon_issues')).toEqual([{ count: 2_495 }]);
    expect(await query('select 1 from coupon.coupon_job_input')).toEqual([]);
  });

  it('a job stores the first 10,000 rows that fail and counts the others', async () => {
    await queue(
      Array.from({ length: 12_000 }, () => 'x'),
      5_000,
    );
    open().runner.start();
    expect(await ended()).toMatchObject({ status: 'DONE', done: 12_000, failed: 12_000 });
    expect(await query('select count(*)::int, max(row) last from coupon.coupon_job_errors')).toEqual([
      { count: 10_000, last: 10_000 },
    ]);
  });

  it('a job accepts each part once, in order, and none after its submission', async () => {
    await queue(['1', '2'], 1);
    const { store } = open();
    expect(await store.append(JOB, 2, ['3'], 100)).toBe('not open');
    const begun = {
      id: 6n,
      kind: 'DIRECT_ISSUE',
      policyId: 1n,
      createdBy: 7n,
      status: 'OPEN',
      total: 0,
      params: {},
    } as const;
    await store.insert(newJob(begun, Date.now()));
    expect(await store.append(6n, 1, ['3'], 100)).toBe('out of order');
    const racers = Array.from({ length: 8 }, () => store.append(6n, 0, ['3', '4'], 100));
    for (const appended of await Promise.all(racers)) expect(appended).toMatchObject({ total: 2 });
    expect(await store.append(6n, 1, ['5'], 2)).toBe('too long');
    expect(await store.find(6n)).toMatchObject({ total: 2, status: 'OPEN' });
    expect(await store.failAbandonedUploads(new Date(Date.now() + 1_000), new Date(), 10)).toBe(1);
    expect(await store.find(6n)).toMatchObject({ status: 'FAILED' });
    expect(await query('select part from coupon.coupon_job_input where job_id = 6')).toEqual([]);
  });

  it('each of many jobs has one runner and ends', async () => {
    for (let id = 10n; id < 16n; id++) await queue(users(3_000), 1_000, id);
    for (let node = 0; node < 3; node++) open().runner.start();
    const jobs = await Promise.all([10n, 11n, 12n, 13n, 14n, 15n].map((id) => ended(id)));
    expect(jobs.map(({ done }) => done)).toEqual(Array(6).fill(3_000));
    // Every user is on every list: one of six rows issued, five found the coupon.
    expect(jobs.reduce((sum, { failed }) => sum + failed, 0)).toBe(15_000);
    await expectExact(3_000);
    expect(nodes.flatMap(({ errors }) => errors)).toEqual([]);
  });

  it('a job is leased by one runner until it releases it or the lease expires, and advanced by no other', async () => {
    await queue(users(10));
    const [early, late] = [open(), open()];
    const held = await early.store.acquire(['DIRECT_ISSUE'], new Date());
    if (!held) throw new Error('the job was not acquired');
    expect(await late.store.acquire(['DIRECT_ISSUE'], new Date())).toBeUndefined();
    expect(await early.store.acquire(['GENERATE_CODES'], new Date())).toBeUndefined();
    expect(await early.store.renew(held)).toEqual(held);

    await query(`update coupon.coupon_jobs set lease_until = now() - interval '1 second'`);
    const taken = await late.store.acquire(['DIRECT_ISSUE'], new Date());
    expect(taken).toMatchObject({ id: JOB, done: 0, startedAt: held.startedAt });
    // The first runner resumes. It can no longer change the job.
    await expect(early.lists.step(held)).rejects.toBeInstanceOf(JobLeaseLost);
    expect(await early.store.renew(held)).toBeUndefined();
    await early.store.finish(held, new Date());
    await early.store.fail(held, 'x', new Date());
    await early.store.release(held);
    expect(await early.store.find(JOB)).toMatchObject({ status: 'RUNNING', done: 0 });
    expect(await query('select 1 from coupon.coupon_issues')).toEqual([]);

    if (!taken) throw new Error('its lease had run out');
    expect(await late.lists.step(taken)).toEqual({ done: 10, failed: 0 });
    // A step whose COMMIT has an unknown outcome is not repeated.
    await expect(late.lists.step(taken)).rejects.toBeInstanceOf(JobLeaseLost);
    await expectExact(10);
  });

  it('a job continues on another node immediately when its node stops', async () => {
    await queue(users(60_000), 10_000);
    const first = open();
    first.runner.start();
    while (((await first.store.find(JOB))?.done ?? 0) < 2_000) await sleep(5);
    await first.runner.stop();
    const left = await first.store.find(JOB);
    expect(left?.status).toBe('RUNNING');
    expect(left?.done).toBeLessThan(60_000);
    open().runner.start();
    expect(await ended()).toMatchObject({ status: 'DONE', done: 60_000, failed: 0 });
    await expectExact(60_000);
  });

  it.each(['SIGKILL', 'SIGSTOP'] as const)(
    'after %s another node finishes the job, without a missing or extra coupon',
    WITH_LEASE,
    async (signal) => {
      await queue(users(60_000), 10_000);
      const child = fork(PROCESS, [home.url, '900000000']);
      const gone = once(child, 'exit');
      try {
        while (((await nodes[0]?.store.find(JOB))?.done ?? 0) < 2_000) await sleep(5);
        child.kill(signal);
        expect((await nodes[0]?.store.find(JOB))?.done).toBeLessThan(60_000);
        // A dead process renews nothing, so its lease need not be waited for; of a frozen one it is.
        if (signal === 'SIGKILL') await shortenLease(home.url, JOB);
        open().runner.start();
        expect(await ended()).toMatchObject({ status: 'DONE', done: 60_000, failed: 0 });
        // The frozen process resumes in the middle of a step, and may not complete it.
        child.kill('SIGCONT');
        await sleep(300);
        await expectExact(60_000);
      } finally {
        child.kill('SIGKILL');
        await gone;
      }
    },
  );

  it('a job continues at the uncommitted step after PostgreSQL closed its connections', async () => {
    await queue(users(30_000), 10_000);
    const node = open();
    node.runner.start();
    for (let cuts = 0; cuts < 4; cuts++) {
      const before = (await nodes[0]?.store.find(JOB))?.done ?? 0;
      while (((await nodes[0]?.store.find(JOB))?.done ?? 0) <= before) await sleep(2);
      await query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'stampede-lane'`,
      );
    }
    expect(await ended()).toMatchObject({ status: 'DONE', done: 30_000, failed: 0 });
    await expectExact(30_000);
  });
});
