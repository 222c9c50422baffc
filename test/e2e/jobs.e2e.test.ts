import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessTokens, validFor } from '../../src/platform/http/access-token.ts';
import { policyBody } from '../attacks/support.ts';
import { type ServerProcess, startServe, temporaryDir } from '../support/serve.ts';

const PROGRAM = resolve('bin/stampede.js');
const JWT_SECRET = 'only the end-to-end tests know of this one';
const dir = temporaryDir();
const dataDir = join(dir.path, 'data');
let server: ServerProcess;
beforeAll(async () => {
  server = await startServe({ dataDir, env: { JWT_SECRET } });
});
afterAll(async () => {
  await server.end('SIGTERM');
  await dir.remove();
});

function stampede(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = {
    PATH: process.env['PATH'],
    STAMPEDE_DATA_DIR: dataDir,
    XDG_CONFIG_HOME: dir.path,
    JWT_SECRET,
    DATABASE_URL: server.databaseUrl,
  };
  return new Promise((settle) => {
    execFile(process.execPath, [PROGRAM, ...args], { env, cwd: dir.path }, (error, stdout, stderr) =>
      settle({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

async function post(path: string, type: string, body: string): Promise<Readonly<Record<string, string>>> {
  const token = accessTokens(JWT_SECRET, Date.now).sign({ sub: '1', role: 'ADMIN', ...validFor(600, Date.now()) });
  const headers = { authorization: `Bearer ${token}`, 'content-type': type };
  const answer = await fetch(`${server.url}/api/v1/${path}`, { method: 'POST', headers, body });
  return (await answer.json()) as Readonly<Record<string, string>>;
}

const openPolicy = async (changes: Readonly<Record<string, unknown>>): Promise<string> =>
  (await post('coupon-policies', 'application/json', JSON.stringify(policyBody(changes))))['couponPolicyId'] ?? '';

test('a file is issued from the command line, and its job can be watched again', async () => {
  const file = join(dir.path, 'users.csv');
  const users = Array.from({ length: 30_000 }, (_, index) => String(index + 1));
  writeFileSync(file, ['user_id', ...users, 'nobody', '7'].join('\n'));
  const policy = await openPolicy({ distributionType: 'DIRECT', maxIssueCount: 100_000 });

  const tried = await stampede('direct-issue', '--policy', policy, '--file', file, '--dry-run');
  expect(tried).toEqual({ code: 1, stdout: DRY_RUN, stderr: '' });

  const issued = await stampede('direct-issue', '--policy', policy, '--file', file, '--url', server.url);
  expect([issued.code, issued.stderr]).toEqual([1, '']);
  const [, jobId = ''] = /^job (\d+): 30,002 rows$/m.exec(issued.stdout) ?? [];
  const ending = (path: string) => `30,002 rows done, 2 of them failed\nEach failed row with its reason: ${path}\n`;
  const errors = `job-${jobId}-errors.csv`;
  expect(issued.stdout).toContain(ending(errors));
  expect(readFileSync(join(dir.path, errors), 'utf8')).toBe(
    '\ufeffrow,line,code\r\n30001,nobody,VALIDATION_FAILED\r\n30002,7,COUPON_ALREADY_ISSUED\r\n',
  );

  // Found without its address, as the server of this data directory.
  const elsewhere = join(dir.path, 'errors.csv');
  expect(await stampede('jobs', 'watch', jobId, '--errors', elsewhere)).toEqual({
    code: 1,
    stdout: ending(elsewhere),
    stderr: '',
  });
  expect(readFileSync(elsewhere)).toEqual(readFileSync(join(dir.path, errors)));
  const audit = await stampede('audit', '--policy', policy);
  expect([audit.code, audit.stdout.includes('30000') || audit.stdout.includes('30,000')]).toEqual([0, true]);
});

const DRY_RUN = `30,002 rows, of which 30,000 rows would get a coupon and 2 rows would fail
  row 30001: VALIDATION_FAILED "nobody"
  row 30002: COUPON_ALREADY_ISSUED "7"
Nothing was changed.
`;

test('codes are generated and exported from the command line', async () => {
  const policy = await openPolicy({ distributionType: 'CODE', maxIssueCount: null });
  const made = await stampede('codes', 'generate', '--policy', policy, '--count', '12001', '--prefix', 'VIP-');
  expect([made.code, made.stderr]).toEqual([0, '']);
  expect(made.stdout).toContain('12,001 rows done\n');
  const file = await stampede('codes', 'export', '--policy', policy);
  const [header, ...rows] = file.stdout.trimEnd().split('\r\n');
  expect([file.code, header, new Set(rows).size]).toEqual([0, 'code,status,userId,redeemedAt,externalId', 12_001]);
  expect(rows.filter((row) => !/^VIP-\w{5}-\w{5}-\w{4},FREE,,,$/.test(row))).toEqual([]);
  const short = await stampede('codes', 'generate', '--policy', policy, '--count', '1', '--pattern', '####');
  expect([short.code, short.stderr]).toEqual([1, expect.stringContaining('(VALIDATION_FAILED, request ')]);
  expect(short.stderr).toContain('pattern has 4 symbols: with 32 different ones it takes 14');
});

test('a job of notices can be watched, too', async () => {
  const text = { title: 'Weekend', body: 'All drinks are cheaper.' };
  const announcement = { audience: { type: 'USERS' }, class: 'TRANSACTIONAL', ko: text, en: text };
  const { jobId = '' } = await post('notification-jobs', 'application/json', JSON.stringify(announcement));
  const users = Array.from({ length: 3_000 }, (_, index) => String(index + 1));
  await post(`notification-jobs/${jobId}/users.csv`, 'text/csv', ['userId', ...users].join('\n'));
  const watched = await stampede('jobs', 'watch', jobId);
  expect([watched.code, watched.stderr]).toEqual([0, '']);
  expect(watched.stdout.endsWith('3,000 users done\n')).toBe(true);
});

test('jobs and direct-issue report what they cannot do in one line', async () => {
  const missing = await stampede('jobs', 'watch', '12345');
  expect([missing.code, missing.stdout]).toEqual([1, '']);
  expect(missing.stderr).toMatch(/^stampede: Job not found: .+ \(JOB_NOT_FOUND, request .+\)\n$/);
  const noFile = await stampede('direct-issue', '--policy', '1', '--file', join(dir.path, 'none.csv'));
  expect([noFile.code, noFile.stderr]).toEqual([1, `stampede: There is no file ${join(dir.path, 'none.csv')}.\n`]);
  expect((await stampede('jobs', 'watch', 'x')).code).toBe(2);
});

test('a job of which every row failed exits with 1', async () => {
  const file = join(dir.path, 'nobody.csv');
  writeFileSync(file, 'user_id\nnobody\nno one\n');
  const policy = await openPolicy({ distributionType: 'DIRECT', maxIssueCount: 10 });
  const issued = await stampede('direct-issue', '--policy', policy, '--file', file);
  expect([issued.code, issued.stderr]).toEqual([1, '']);
  expect(issued.stdout).toContain('2 rows done, 2 of them failed\n');
});

test('an audit of a policy that does not exist says so, and exits with 1', async () => {
  expect(await stampede('audit', '--policy', '12345')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'stampede: There is no coupon policy 12345.\n',
  });
});
