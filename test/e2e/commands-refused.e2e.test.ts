// Commands whose settings do not fit what PostgreSQL has: each ends with lines that say what to do.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { moveContext } from '../../src/app/move/move-context.ts';
import { openSession } from '../../src/platform/postgres/session.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

let dataDir: string;
let empty: TestDatabase;
let migrated: TestDatabase;
/** Its coupons have moved to another database. */
let left: TestDatabase;
let arrived: TestDatabase;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'stampede-refused-'));
  [empty, migrated, left, arrived] = await Promise.all([
    testDatabase({ isMigrated: false }),
    testDatabase(),
    testDatabase(),
    testDatabase({ isMigrated: false }),
  ]);
  await moveContext({ context: 'coupon', from: left.url, to: arrived.url });
});
afterAll(async () => {
  for (const database of [empty, migrated, left, arrived]) await database?.drop();
  rmSync(dataDir, { recursive: true });
});

const PART = {
  JWT_SECRET: randomBytes(32).toString('base64url'),
  KAFKA_BROKERS: '127.0.0.1:1',
  PAYMENT_PROVIDER: 'none',
};

const stampede = (args: readonly string[], env: Readonly<Record<string, string>>) =>
  new Promise<{ code: number; output: string; errors: string }>((resolve) => {
    const all = { PATH: process.env['PATH'] ?? '', PORT: '0', GRPC_PORT: '0', STAMPEDE_DATA_DIR: dataDir, ...env };
    execFile(process.execPath, ['bin/stampede.js', ...args], { env: all }, (error, output, errors) =>
      resolve({ code: error === null ? 0 : Number(error.code), output, errors }),
    );
  });

/** One or more lines of the program, and no stack. */
async function refusalOf(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const { code, errors } = await stampede(args, env);
  expect(code).toBe(1);
  expect(errors).toMatch(/^(stampede: [^\n]+\n)+$/);
  return errors;
}

it('a serve with the login of the program before the first migration says that the owner has to migrate', async () => {
  expect(await refusalOf(['serve'], { DATABASE_URL: empty.programUrl })).toMatch(
    /^stampede: PostgreSQL: .*npx stampede-server migrate/,
  );
});

it('a migration with the login of the program says whose login it needs', async () => {
  expect(await refusalOf(['migrate'], { DATABASE_URL: empty.programUrl })).toContain('Set MIGRATION_DATABASE_URL');
});

it('an audit with a login that has no grants yet says what grants them', async () => {
  const client = await openSession(migrated.url, { name: 'test' });
  const login = new URL(migrated.programUrl).username;
  await client.query(`revoke all on schema platform, coupon from ${login}`).finally(() => client.end());
  expect(await refusalOf(['audit'], { DATABASE_URL: migrated.programUrl })).toMatch(
    /permission denied for schema .*npx stampede-server migrate, which grants/,
  );
});

it('a move is refused before anything moves when the login of --to may not create schemas, or --to is no URL', async () => {
  const env = { ...PART, DATABASE_URL: migrated.url };
  const move = (to: string) => ['move', '--context', 'coupon', '--to', to];
  expect(await refusalOf(move(empty.programUrl), env)).toContain('--to: this login may not create the schemas');
  expect(await refusalOf(move('postgres://a:b@127.0.0.1:1/none'), env)).toContain('--to: connect ECONNREFUSED');
  expect((await stampede(move('notaurl'), env)).errors).toContain("'notaurl' is invalid. It must be a PostgreSQL URL");
  const { DATABASE_URL: _, ...embedded } = env;
  expect(await refusalOf(move(empty.url), embedded)).toContain('coupon is in the embedded PostgreSQL');
});

it('the dry run of a move says which processes to start afterwards, and what they need', async () => {
  const { code, output } = await stampede(['move', '--context', 'coupon', '--to', empty.url, '--dry-run'], {
    ...PART,
    DATABASE_URL: migrated.url,
    PAYMENT_EVENTS: 'trust-acl',
  });
  expect(code).toBe(0);
  expect(output).toContain('  COUPON_DATABASE_URL=(the other database) npx stampede-server serve --target coupon\n');
  expect(output).toContain(
    '  npx stampede-server serve --target gateway,identity,store,point,order,notification,statistics,webhook\n',
  );
  expect(output).toContain('Set COUPON_ADDRESS=host:port, or ETCD_ENDPOINTS.');
});

it('a process that hosts every part does not start after a move, and says how it goes on', async () => {
  expect(await refusalOf(['serve'], { DATABASE_URL: left.url })).toMatch(
    /^stampede: coupon has moved .* Set COUPON_DATABASE_URL to that one, .*npx stampede-server serve --target coupon/,
  );
  expect(await refusalOf(['serve'], { DATABASE_URL: left.url, COUPON_DATABASE_URL: arrived.url })).toContain(
    'Set --target coupon here',
  );
});

it('an audit after a move without the URL of the other database says which variable it lacks', async () => {
  expect(await refusalOf(['audit'], { DATABASE_URL: left.url })).toContain('Set COUPON_DATABASE_URL');
});

it('MIGRATION_DATABASE_URL of another database is refused by its name, and found by doctor', async () => {
  const env = {
    ...PART,
    COUPON_DATABASE_URL: arrived.url,
    MIGRATION_DATABASE_URL: left.url,
    PAYMENT_EVENTS: 'trust-acl',
  };
  const addresses = { STORE_ADDRESS: '127.0.0.1:1', ORDER_ADDRESS: '127.0.0.1:1', POINT_ADDRESS: '127.0.0.1:1' };
  const text = 'MIGRATION_DATABASE_URL leads to another database';
  expect(await refusalOf(['serve', '--target', 'coupon'], { ...env, ...addresses })).toContain(text);
  const { code, output } = await stampede(['doctor', '--target', 'coupon'], { ...env, ...addresses });
  expect(code).toBe(1);
  expect(output).toMatch(new RegExp(`fail +owner +${text}`));
});
