import { setTimeout as sleep } from 'node:timers/promises';
import { accessTokens } from '../../src/platform/http/access-token.ts';
import { DAY_MS } from '../../src/platform/kernel/durations.ts';
import type { Child } from '../support/child.ts';
import { cpuOf, cpuOfChildren } from '../support/cpu.ts';
import { asAdmin } from '../support/postgres.ts';

export interface FileSection {
  readonly rows: number;
  readonly megabytes: number;
  readonly uploadSeconds: number;
  readonly jobSeconds: number;
  readonly issuesPerSecond: number;
  /** CPU microseconds an issue, of the server and of PostgreSQL; undefined where they cannot be measured. */
  readonly serverUs: number | undefined;
  readonly postgresUs: number | undefined;
}

const LINES_A_CHUNK = 10_000;

/** A file of that many users, uploaded to the running server and followed to its end; then every coupon is counted. */
export async function measureFile(
  server: Child,
  system: { readonly databaseUrl: string; readonly jwtSecret: string; readonly postmaster: number | undefined },
  rows: number,
): Promise<FileSection> {
  const token = adminToken(system.jwtSecret);
  const policyId = await createPolicy(server.url, token);
  const before = cpu(server.pid, system.postmaster);
  const started = performance.now();
  const response = await fetch(`${server.url}/api/v1/coupon-policies/${policyId}/direct-issue.csv`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv' },
    body: csv(rows),
    duplex: 'half',
  } as RequestInit);
  const begun = (await response.json()) as { jobId?: string };
  if (response.status !== 202) throw new Error(`the upload got status ${response.status}: ${JSON.stringify(begun)}`);
  const uploadSeconds = (performance.now() - started) / 1000;
  const job = await ended(`${server.url}/api/v1/jobs/${begun.jobId}`, token);
  const after = cpu(server.pid, system.postmaster);
  await expectExact(system.databaseUrl, policyId, rows);
  const jobSeconds = (Date.parse(job.finishedAt) - Date.parse(job.startedAt)) / 1000;
  const each = (from: number | undefined, to: number | undefined) =>
    from === undefined || to === undefined ? undefined : ((to - from) / rows) * 1e6;
  return {
    rows,
    megabytes: Math.round(csvBytes(rows) / 2 ** 20),
    uploadSeconds,
    jobSeconds,
    issuesPerSecond: Math.round(rows / jobSeconds),
    serverUs: each(before.server, after.server),
    postgresUs: each(before.postgres, after.postgres),
  };
}

const cpu = (server: number, postmaster: number | undefined) => ({
  server: cpuOf(server),
  postgres: cpuOfChildren(postmaster),
});

function adminToken(jwtSecret: string): string {
  const iat = Math.floor(Date.now() / 1000);
  return accessTokens(jwtSecret, Date.now).sign({ sub: '1', role: 'ADMIN', iat, exp: iat + 3_600 });
}

async function createPolicy(url: string, token: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/coupon-policies`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'A million users',
      discountType: 'FIXED_AMOUNT',
      discountValue: 5000,
      distributionType: 'DIRECT',
      validDays: 30,
      validFrom: new Date(Date.now() - 1_000).toISOString(),
      validUntil: new Date(Date.now() + DAY_MS).toISOString(),
    }),
  });
  const { couponPolicyId } = (await response.json()) as { couponPolicyId?: string };
  if (couponPolicyId === undefined) throw new Error(`no policy: ${response.status}`);
  return couponPolicyId;
}

const userOf = (row: number): string => String(7_000_000_000_000_000n + BigInt(row) * 7n);
const csvBytes = (rows: number): number => rows * (userOf(0).length + 1);

function csv(rows: number): ReadableStream<Uint8Array> {
  let row = 0;
  return new ReadableStream({
    pull(controller) {
      let text = '';
      for (const end = Math.min(rows, row + LINES_A_CHUNK); row < end; row++) text += `${userOf(row)}\n`;
      controller.enqueue(Buffer.from(text, 'latin1'));
      if (row === rows) controller.close();
    },
  });
}

interface Job {
  readonly status: string;
  readonly done: number;
  readonly startedAt: string;
  readonly finishedAt: string;
}

async function ended(url: string, token: string): Promise<Job> {
  for (;;) {
    const job = (await (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).json()) as Job;
    if (job.status === 'DONE') return job;
    if (job.status === 'FAILED') throw new Error(`the job failed after ${job.done} rows`);
    await sleep(500);
  }
}

async function expectExact(databaseUrl: string, policyId: string, rows: number): Promise<void> {
  const found = await asAdmin(databaseUrl, (client) =>
    client.query<{ coupons: string; users: string; last: number }>(
      `select count(*) coupons, count(distinct user_id) users, max(sequence_no) last
       from coupon.coupon_issues where policy_id = $1`,
      [policyId],
    ),
  );
  const { coupons, users, last } = found.rows[0] ?? {};
  if (Number(coupons) !== rows || Number(users) !== rows || last !== rows) {
    throw new Error(`${coupons} coupons of ${users} users up to number ${last} for ${rows} rows`);
  }
}
