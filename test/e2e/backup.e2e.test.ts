// `stampede backup` while coupons are issued, and `stampede restore` of what it wrote.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LEFT_OUT } from '../../src/app/backup/backed-up-tables.ts';
import { type IssueLoad, LOAD_JWT_SECRET, startIssueLoad } from '../support/issue-load.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { type ServerProcess, startServe, temporaryDir } from '../support/serve.ts';
import { runStampede } from '../support/stampede.ts';

const SERVING = { JWT_SECRET: LOAD_JWT_SECRET, STAMPEDE_RATE_LIMIT: 'off' };

const dir = temporaryDir();
const file = join(dir.path, 'stampede.backup');
const original = join(dir.path, 'original');
let empty: TestDatabase;
let load: IssueLoad;
/** What the clients had when the backup began and when it had ended. */
let acknowledged: { readonly before: ReadonlySet<string>; readonly after: ReadonlySet<string> };
let backedUp: Awaited<ReturnType<typeof runStampede>>;
let server: ServerProcess;

beforeAll(async () => {
  empty = await testDatabase({ isMigrated: false });
  server = await startServe({ dataDir: original, env: SERVING });
  load = await startIssueLoad({ url: `${server.url}/api/v1`, clients: 16 });
  await load.served(2_000);
  const before = new Set(load.acknowledged);
  backedUp = await runStampede(['backup', file], { STAMPEDE_DATA_DIR: original });
  acknowledged = { before, after: new Set(load.acknowledged) };
  await load.stop();
});
afterAll(async () => {
  await server?.end('SIGKILL');
  await empty?.drop();
  await dir.remove();
});

async function rows<Row extends pg.QueryResultRow>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return (await client.query<Row>(text, values).finally(() => client.end())).rows;
}
const couponsIn = (url: string) =>
  rows<{ id: string; number: number; row: string }>(
    url,
    'select id::text, sequence_no as number, c::text as row from coupon.coupon_issues as c where policy_id = $1 order by sequence_no',
    [load.policyId],
  );

test('a backup ends while coupons are issued, and only its owner can read the file', () => {
  expect([backedUp.code, backedUp.stderr, load.failed]).toEqual([0, '', []]);
  expect(acknowledged.after.size).toBeGreaterThan(acknowledged.before.size);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(dir.path).filter((name) => name.includes('partial'))).toEqual([]);
});

test('a backup contains every table of the database but those that are named with a reason', async () => {
  const found = await rows<{ name: string }>(
    server.ownerUrl,
    `select nspname || '.' || relname as name from pg_class as c join pg_namespace as n on n.oid = relnamespace
     where relkind in ('r', 'p') and nspname !~ '^(pg_|pgboss$|migrations$|information_schema$)'`,
  );
  const text = gunzipSync(readFileSync(file)).toString();
  const tables = [...text.matchAll(/^\{"table":"([^"]+)"/gm)].map(([, name]) => name ?? '');
  expect([...tables, ...Object.keys(LEFT_OUT)].toSorted()).toEqual(found.map(({ name }) => name).toSorted());
});

test('a restore into an empty data directory has one moment of the load, exact, and the audits hold', async () => {
  const dataDir = join(dir.path, 'restored');
  const restored = await runStampede(['restore', file], { STAMPEDE_DATA_DIR: dataDir });
  expect([restored.code, restored.stderr]).toEqual([0, '']);
  expect(restored.stdout).toMatch(/All \d+ invariants hold/);

  const copy = await startServe({ dataDir, env: SERVING });
  try {
    const [there, here] = [await couponsIn(server.databaseUrl), await couponsIn(copy.databaseUrl)];
    // The first coupons of the policy, each as the original has it: none is missing, none was added.
    expect(here.map(({ row }) => row)).toEqual(there.slice(0, here.length).map(({ row }) => row));
    const ids = new Set(here.map(({ id }) => id));
    expect([...acknowledged.before].filter((id) => !ids.has(id))).toEqual([]);
    const [policy] = await rows<{ count: number }>(
      copy.databaseUrl,
      'select current_issue_count::int as count from coupon.coupon_policies where id = $1',
      [load.policyId],
    );
    expect(policy?.count).toBe(here.length);

    // It goes on where the moment was.
    const more = await startIssueLoad({ url: `${copy.url}/api/v1`, clients: 4 });
    await more.served(100);
    await more.stop();
    expect(more.failed).toEqual([]);
    const audit = await runStampede(['audit'], { STAMPEDE_DATA_DIR: dataDir });
    expect(audit.stdout).toMatch(/All \d+ invariants hold/);
  } finally {
    await copy.end('SIGTERM');
  }
});

test('a restore with DATABASE_URL grants the login of the program what it needs, and refuses a database that has tables', async () => {
  const env = { DATABASE_URL: empty.programUrl, MIGRATION_DATABASE_URL: empty.url };
  const restored = await runStampede(['restore', file], env);
  expect([restored.code, restored.stderr]).toEqual([0, '']);
  expect((await couponsIn(empty.programUrl)).length).toBeGreaterThanOrEqual(acknowledged.before.size);
  expect(await runStampede(['restore', file], env)).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^stampede: The database has tables of Stampede already, [^\n]+\n$/),
  });
  // PostgreSQL chooses the order of rows; otherwise a backup of the copy is that of the original.
  const again = join(dir.path, 'again.backup');
  expect(await runStampede(['backup', again], env)).toMatchObject({ code: 0, stderr: '' });
  const content = (path: string) => gunzipSync(readFileSync(path)).toString().split('\n').slice(1, -2).toSorted();
  const [first, second] = [content(file), content(again)];
  expect(second.filter((line, index) => line !== first[index]).slice(0, 3)).toEqual([]);
  expect(second.length).toBe(first.length);
});

test('a file that exists is not overwritten by a backup', async () => {
  expect(await runStampede(['backup', file], { STAMPEDE_DATA_DIR: original })).toMatchObject({
    code: 1,
    stderr: `stampede: ${file} exists already. Name another file, or remove it.\n`,
  });
});

test.each([
  [
    'that was cut off',
    (whole: Buffer) => whole.subarray(0, whole.length - 100),
    /unexpected end of file|ends too early/,
  ],
  [
    'in which a row was changed',
    (whole: Buffer) => gzipSync(gunzipSync(whole).toString('latin1').replace('\tLoad\t', '\tLoaf\t')),
    /its checksum is another one/,
  ],
  ['that is something else', () => Buffer.from('-- PostgreSQL database dump'), /incorrect header check/],
])('a file %s is refused by a restore, which leaves no rows', async (_, damage, reason) => {
  const damaged = join(dir.path, 'damaged.backup');
  writeFileSync(damaged, damage(readFileSync(file)));
  const target = await testDatabase({ isMigrated: false });
  try {
    const refused = await runStampede(['restore', damaged], { DATABASE_URL: target.url });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^stampede: \S+ cannot be restored: [^\n]+\n$/);
    expect(refused.stderr).toMatch(reason);
    const [found] = await rows<{ table: string | null }>(
      target.url,
      `select to_regclass('coupon.coupon_issues')::text as table`,
    );
    const coupons = found?.table == null ? [] : await couponsIn(target.url);
    expect(coupons).toEqual([]);
  } finally {
    await target.drop();
  }
});

test('a backup of a directory without a database says so, and writes no file', async () => {
  const none = join(dir.path, 'none.backup');
  const refused = await runStampede(['backup', none], { STAMPEDE_DATA_DIR: join(dir.path, 'nothing') });
  expect(refused.stderr).toMatch(/^stampede: There is no database in [^\n]+\n$/);
  expect(existsSync(none)).toBe(false);
});
