import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { jobRunnerOver, shortenLease } from '../../../../test/support/coupon-job-runner.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { openDatabase } from '../../../platform/postgres/database.ts';
import { postgresCodeReader } from '../adapters/postgres/codes/code-reader.ts';
import { postgresIssueStore } from '../adapters/postgres/issue/issue-store.ts';
import { postgresPolicyStore } from '../adapters/postgres/policy/policy-store.ts';
import { issueEvents } from '../application/issue/issue-events.ts';
import { newJob } from '../application/jobs/open-job.ts';
import type { JobRecord } from '../application/jobs/ports.ts';
import { policyEvents } from '../application/policy/policy-events.ts';
import { DEFAULT_SYMBOLS, fitsShape, normalizeCode } from '../domain/codes/code.ts';
import { type GeneratedCode, makeCodes, planCodes } from '../domain/codes/code-plan.ts';
import type { JobKindName } from '../domain/enumerations.ts';
import { decideIssues } from '../domain/issue/issue.ts';
import { changeTerms } from '../domain/policy/policy.ts';
import { NOW_MS, policy, terms } from './policies.ts';

const PROCESS = join(import.meta.dirname, '../../../../test/support/coupon-job-process.ts');
const JOB = 5n;
const NOTE = { kind: 'TERMS', by: '1', reason: '' } as const;
let home: TestDatabase;
let node: ReturnType<typeof jobRunnerOver>;
let policies: ReturnType<typeof postgresPolicyStore>;
const opened: ReturnType<typeof jobRunnerOver>[] = [];
beforeEach(async () => {
  home = await testDatabase();
  node = open();
  policies = postgresPolicyStore({
    database: node.database,
    nextId: countingIds(1_000n),
    eventsOf: policyEvents,
    onEvents: () => {},
  });
  await policies.insert(coded(1n));
});
afterEach(async () => {
  for (const { runner, database } of opened.splice(0)) {
    await runner.stop();
    await database.close();
  }
  await home.drop();
});

function open(): ReturnType<typeof jobRunnerOver> {
  const another = jobRunnerOver(home.url, 10_000_000n * BigInt(opened.length + 1));
  opened.push(another);
  return another;
}

const coded = (id: bigint, code?: string) => policy(id, { terms: terms({ distributionType: 'CODE', code }) });
const query = async (text: string) => (await node.database.pool.query(text)).rows;
const found = async (input: string) => (await node.reader.find([normalizeCode(input) ?? '']))[0];

async function queue(kind: JobKindName, total: number, params: unknown, id = JOB): Promise<void> {
  await node.store.insert(
    newJob({ id, kind, policyId: 1n, createdBy: 7n, status: 'QUEUED', total, params }, Date.now()),
  );
}

async function queueLines(lines: readonly string[], id = JOB): Promise<void> {
  const begun = { id, kind: 'IMPORT_CODES', policyId: 1n, createdBy: 7n, total: 0, params: {} } as const;
  await node.store.insert(newJob({ ...begun, status: 'OPEN' }, Date.now()));
  await node.store.append(id, 0, lines, 10 ** 6);
  await node.store.submit(id);
}

async function ended(id = JOB): Promise<JobRecord> {
  for (;;) {
    const job = await node.store.find(id);
    if (job?.status === 'DONE' || job?.status === 'FAILED') return job;
    await sleep(20);
  }
}

async function allCodes(page = 777) {
  const codes: string[] = [];
  for (let last: { jobId: bigint; place: number } | undefined; ; ) {
    const rows = await node.reader.list(1n, last, page);
    codes.push(...rows.map(({ code }) => code));
    last = rows.at(-1);
    if (rows.length < page) return codes;
  }
}

async function held(id = JOB) {
  const job = await node.store.acquire(['GENERATE_CODES', 'IMPORT_CODES'], new Date());
  if (job?.id !== id) throw new Error('the job was not there to take');
  return job;
}

describe('shared codes', () => {
  it('an export of codes is complete, whatever lists for customers may lack', async () => {
    await queueLines(['CARD-7001']);
    node.runner.start();
    await ended();
    const away = openDatabase({ url: 'postgres://127.0.0.1:1/away', onError: () => {} });
    const exporting = postgresCodeReader({ ...node.database, pool: away.pool, recentReads: away.pool });
    expect(await exporting.list(1n, undefined, 10)).toHaveLength(1);
    await away.close();
  });

  it('shared codes are equal in any spelling, and available again when their policy drops them', async () => {
    expect(await policies.insert(coded(2n, 'SUMMER-2026'))).toMatchObject({ id: 2n });
    expect(await policies.insert(coded(3n, 'SUMMER_2O26'))).toBe('code taken');
    expect(await policies.find(3n)).toBeUndefined();
    expect(await found('summer 2026')).toMatchObject({ policy: { id: 2n }, kind: 'SHARED', redeemed: false });
    await policies.insert(coded(4n, 'SPRING'));
    expect(await policies.change(4n, NOTE, (it) => changeTerms(it, 1, terms({ code: 'SUMMER2026' })))).toBe(
      'code taken',
    );
    await policies.change(2n, NOTE, (it) => changeTerms(it, 1, terms({ code: 'AUTUMN' })));
    expect(await found('summer 2026')).toBeUndefined();
    expect(await found('autumn')).toMatchObject({ policy: { id: 2n } });
    expect(await policies.insert(coded(5n, 'SUMMER_2026'))).toMatchObject({ id: 5n });
  });

  it('only one of many racing policies gets the same shared code', async () => {
    const racers = Array.from({ length: 8 }, (_, index) => policies.insert(coded(BigInt(10 + index), 'RUSH')));
    const outcomes = await Promise.all(racers);
    expect(outcomes.filter((outcome) => outcome === 'code taken')).toHaveLength(7);
    expect(await query("select count(*)::int from coupon.coupon_codes where code = 'RUSH'")).toEqual([{ count: 1 }]);
  });

  it('the code of a policy that has ended is free, and one of many racing policies gets it', async () => {
    await policies.insert(coded(2n, 'SPRING-26'));
    expect(await policies.insert(coded(3n, 'spring 26'))).toBe('code taken');
    await policies.change(2n, NOTE, (before) => ({ ...before, status: 'ENDED' }));
    const outcomes = await Promise.all(
      [4n, 5n, 6n, 7n].map((id) => policies.insert(coded(id, `spring-${'-'.repeat(Number(id))}26`))),
    );
    expect(outcomes.filter((outcome) => outcome === 'code taken')).toHaveLength(3);
    const winner = outcomes.findIndex((outcome) => outcome !== 'code taken');
    expect((await found('SPRING26'))?.policy.id).toBe(BigInt(winner + 4));
    expect((await policies.find(2n))?.terms.code).toBe('SPRING-26');
  });

  it('the unique codes of a policy that has ended stay used', async () => {
    await queueLines(['CARD-7001']);
    node.runner.start();
    await ended();
    await policies.change(1n, NOTE, (before) => ({ ...before, status: 'ENDED' }));
    expect(await policies.insert(coded(2n, 'CARD-7001'))).toBe('code taken');
  });

  it('the shape of shared codes is stored before they can be looked up', async () => {
    await policies.insert(coded(2n, 'SUMMER-2026'));
    expect(await node.reader.shapes()).toEqual([{ prefix: 'SUM', symbols: '', length: 10 }]);
  });
});

describe('generating', () => {
  it('a job generates exactly the requested number of codes, each with its position', async () => {
    await queue('GENERATE_CODES', 25_001, { prefix: 'VIP-' });
    node.runner.start();
    expect(await ended()).toMatchObject({ status: 'DONE', done: 25_001, failed: 0 });
    const codes = await allCodes();
    expect(new Set(codes).size).toBe(25_001);
    const shape = { prefix: 'V1P', symbols: DEFAULT_SYMBOLS, length: 17 };
    expect(
      codes.filter((code) => !/^VIP-\w{5}-\w{5}-\w{4}$/.test(code) || !fitsShape(shape, normalizeCode(code) ?? '')),
    ).toEqual([]);
    expect(await query('select min(place), max(place), count(distinct place)::int from coupon.coupon_codes')).toEqual([
      { min: 0, max: 25_000, count: 25_001 },
    ]);
  });

  it('generating continues after kill -9 without a missing or extra code', async () => {
    await queue('GENERATE_CODES', 80_000, {});
    const child = fork(PROCESS, [home.url, '900000000']);
    const gone = once(child, 'exit');
    while (((await node.store.find(JOB))?.done ?? 0) < 20_000) await sleep(5);
    child.kill('SIGKILL');
    await gone;
    expect((await node.store.find(JOB))?.done).toBeLessThan(80_000);
    await shortenLease(home.url, JOB);
    node.runner.start();
    expect(await ended()).toMatchObject({ status: 'DONE', done: 80_000 });
    const places = 'select count(*)::int, count(distinct place)::int places, max(place) from coupon.coupon_codes';
    expect(await query(places)).toEqual([{ count: 80_000, places: 80_000, max: 79_999 }]);
  });

  it('generating draws again for codes that exist already, whatever their source', async () => {
    await policies.insert(coded(2n, 'TAKEN1'));
    await queue('GENERATE_CODES', 4, {});
    const draws: GeneratedCode[][] = [['TAKEN1', 'FRESH1', 'FRESH2', 'FRESH3'], ['FRESH2'], ['FRESH4']].map((codes) =>
      codes.map((code) => ({ code, shown: code })),
    );
    const requestedCounts: number[] = [];
    const progress = await node.codes.addGenerated(await held(), 4, (count) => {
      requestedCounts.push(count);
      return draws[requestedCounts.length - 1] ?? [];
    });
    expect([requestedCounts, progress]).toEqual([[4, 1, 1], { done: 4, failed: 0 }]);
    expect((await allCodes()).sort()).toEqual(['FRESH1', 'FRESH2', 'FRESH3', 'FRESH4']);
    expect(await query('select place from coupon.coupon_codes where job_id = 5 order by 1')).toEqual(
      [0, 1, 2, 3].map((place) => ({ place })),
    );
  });

  it('a step does nothing for a job that another runner has acquired', async () => {
    await queue('GENERATE_CODES', 10, {});
    const mine = await held();
    await query('update coupon.coupon_jobs set lease = gen_random_uuid()');
    const make = () => [{ code: 'LATE', shown: 'LATE' }];
    await expect(node.codes.addGenerated(mine, 1, make)).rejects.toThrow('another runner');
    expect(await allCodes()).toEqual([]);
  });
});

describe('importing', () => {
  it('an import stores codes as they are written and reports the rows that failed', async () => {
    await policies.insert(coded(2n, 'SHARED-1'));
    await queueLines([
      'abc-123',
      'abc 123',
      '',
      '=1+1',
      'shared1',
      ' Zo+é-1234 ',
      'xyz_987',
      '-q12345-',
      'ABC-12',
      'USED-01\tREDEEMED',
      'KEPT-01\tLOST',
    ]);
    node.runner.start();
    expect(await ended()).toMatchObject({ status: 'DONE', total: 11, done: 11, failed: 8 });
    expect(await allCodes()).toEqual(['abc-123', 'xyz_987', '-q12345-']);
    expect(await node.store.errors(JOB, 0, 20)).toEqual([
      { row: 2, line: 'abc 123', code: 'DUPLICATE_COUPON_CODE' },
      { row: 3, line: '', code: 'VALIDATION_FAILED' },
      { row: 4, line: '=1+1', code: 'VALIDATION_FAILED' },
      { row: 5, line: 'shared1', code: 'VALIDATION_FAILED' },
      { row: 6, line: ' Zo+é-1234 ', code: 'VALIDATION_FAILED' },
      { row: 9, line: 'ABC-12', code: 'VALIDATION_FAILED' },
      { row: 10, line: 'USED-01', code: 'COUPON_ALREADY_USED' },
      { row: 11, line: 'KEPT-01', code: 'VALIDATION_FAILED' },
    ]);
    expect(await found('ABC123')).toMatchObject({ policy: { id: 1n }, kind: 'UNIQUE' });
  });

  it('importing a file again rejects all of its rows', async () => {
    const lines = Array.from({ length: 500 }, (_, index) => `CARD-${index + 1_000}`);
    await queueLines(lines);
    node.runner.start();
    expect(await ended()).toMatchObject({ failed: 0 });
    // Not earlier: a runner has several jobs at a time, and either of two that were queued together may be the first.
    await queueLines(lines, 6n);
    node.runner.wake();
    expect(await ended(6n)).toMatchObject({ status: 'DONE', done: 500, failed: 500 });
    expect(await allCodes()).toEqual(lines);
  });

  it('an import stores a shape for its codes, but none for codes with a known check symbol', async () => {
    const planned = planCodes({});
    if ('invalid' in planned) throw new Error('the default is no plan');
    const random = (size: number) => crypto.getRandomValues(new Uint8Array(size));
    await node.codes.addShapes([planned.plan.shape]);
    await queueLines(makeCodes(planned.plan, 50, random).map(({ shown }) => shown));
    node.runner.start();
    await ended();
    expect(await node.reader.shapes()).toEqual([planned.plan.shape]);
    await queueLines(['CARD-1001', 'CARD-1002', 'CARD-100'], 6n);
    await ended(6n);
    const shapes = (await node.reader.shapes()).filter(({ symbols }) => symbols === '');
    expect(shapes.map(({ prefix, length }) => [prefix, length]).sort()).toEqual([
      ['', 7],
      ['', 8],
    ]);
  });

  it('two imports of the same codes in opposite order both end', async () => {
    const lines = Array.from({ length: 3_000 }, (_, index) => `CROSS-${index + 10_000}`);
    await queueLines(lines, 6n);
    await queueLines(lines.toReversed(), 7n);
    open().runner.start();
    node.runner.start();
    const jobs = await Promise.all([ended(6n), ended(7n)]);
    expect(jobs.map(({ status, done }) => [status, done])).toEqual([
      ['DONE', 3_000],
      ['DONE', 3_000],
    ]);
    expect(jobs.reduce((sum, { failed }) => sum + failed, 0)).toBe(3_000);
    expect(opened.flatMap(({ errors }) => errors)).toEqual([]);
  });
});

describe('listing', () => {
  it('codes are listed in the order of generation, with the users who redeemed them', async () => {
    await queueLines(['CARD-B2', 'CARD-A1', 'CARD-C3']);
    node.runner.start();
    await ended();
    await policies.insert(coded(2n, 'ELSE'));
    const commands = [{ policyId: 1n, userId: 8n, issueMethod: 'CODE', code: 'CARDA1' } as const];
    const issues = postgresIssueStore({
      database: node.database,
      nextId: countingIds(500n),
      eventsOf: issueEvents,
      onEvents: () => {},
    });
    await issues.issueBatch(commands, (snapshot) => decideIssues(snapshot, commands, NOW_MS, countingIds(90n)));
    const rows = await node.reader.list(1n, undefined, 10);
    expect(
      rows.map(({ code, userId, couponId, redeemedAt }) => [code, userId, couponId, redeemedAt?.getTime()]),
    ).toEqual([
      ['CARD-B2', undefined, undefined, undefined],
      ['CARD-A1', 8n, 90n, NOW_MS],
      ['CARD-C3', undefined, undefined, undefined],
    ]);
    expect((await node.reader.list(1n, { jobId: JOB, place: 1 }, 1)).map(({ code }) => code)).toEqual(['CARD-A1']);
    expect(await found('CARD-A1')).toMatchObject({ redeemed: true });
    expect(await node.reader.list(2n, undefined, 10)).toEqual([]);
  });
});
