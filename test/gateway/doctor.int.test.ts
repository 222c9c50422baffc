// `stampede doctor` on real servers, each with one thing that is wrong.
// @module-tag settings
import { execFile } from 'node:child_process';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { readSettings } from '../../src/app/config.ts';
import { DATABASE_CHECKS } from '../../src/app/doctor/database-checks.ts';
import { runDoctor } from '../../src/app/doctor/run-doctor.ts';
import { openExisting } from '../../src/app/local/open-postgres.ts';
import { ALL } from '../../src/app/parts.ts';
import { firstMessage } from '../../src/platform/kernel/first-message.ts';
import { startRedis } from '../../tools/redis/start.ts';
import { testEtcd } from '../support/etcd.ts';
import { testKafka } from '../support/kafka.ts';
import { testPooler } from '../support/pgbouncer.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { execute } from '../support/postgres-admin.ts';
import { hasRedis } from '../support/redis.ts';
import { documentedAcl, REDIS_LOGIN } from '../support/redis-acl.ts';

const kafka = await testKafka();
const redis = await hasRedis();
const etcd = await testEtcd();
const database = await testDatabase();
const pooler = await testPooler(database.programUrl);

afterAll(async () => {
  await pooler?.stop();
  await etcd?.stop();
  await database.drop();
});
afterEach(() => {
  vi.useRealTimers();
});

async function findingsOf(check: string, env: Readonly<Record<string, string>>, processes = 0) {
  const lines = await runDoctor({ settings: readSettings(env), target: ALL, processes });
  return lines.filter((line) => line.check === check).map(({ verdict, text }) => `${verdict}: ${text}`);
}
const direct = () => ({ DATABASE_URL: database.programUrl });

describe('the database', () => {
  /** Settings of the sessions of this database alone. */
  async function withSetting(
    owner: TestDatabase,
    name: string,
    value: string,
    look: () => Promise<void>,
  ): Promise<void> {
    const target = `database ${new URL(owner.url).pathname.slice(1)}`;
    await execute(owner.url, `alter ${target} set ${name} = ${value}`);
    try {
      await look();
    } finally {
      await execute(owner.url, `alter ${target} reset ${name}`);
    }
  }

  it('a server with fsync off is a failure', async () => {
    expect(await findingsOf('durability', direct())).toContainEqual(expect.stringMatching(/^fail: fsync is off/));
  });

  it('a database with synchronous_commit off is a failure', async () => {
    await withSetting(database, 'synchronous_commit', 'off', async () => {
      const found = await findingsOf('durability', direct());
      expect(found).toContainEqual(expect.stringMatching(/^fail: synchronous_commit is off/));
    });
  });

  it('a server without standbys is a warning', async () => {
    expect(await findingsOf('standbys', direct())).toEqual([expect.stringMatching(/^warn: No standby confirms/)]);
  });

  it('the login that owns the tables is a warning, and the one of the program is not', async () => {
    expect(await findingsOf('login', { DATABASE_URL: database.url })).toEqual([
      expect.stringMatching(/^warn: The login of DATABASE_URL owns the tables/),
    ]);
    expect(await findingsOf('login', direct())).toEqual(['ok: the login owns no tables']);
  });

  it('more processes than max_connections allows are a failure', async () => {
    expect(await findingsOf('connections', direct())).toEqual([expect.stringMatching(/^ok: /)]);
    expect(await findingsOf('connections', direct(), 100)).toEqual([
      expect.stringMatching(/^fail: 100 processes open up to 3600 connections/),
    ]);
  });

  it('workers are counted before they run, each with its part of the pools of their node', async () => {
    expect(await findingsOf('connections', { ...direct(), WORKERS: '3' })).toEqual([
      expect.stringMatching(/^ok: 3 processes open up to 84 connections/),
    ]);
    expect(await findingsOf('connections', { ...direct(), WORKERS: '8' })).toEqual([
      expect.stringMatching(/^fail: 8 processes open up to 216 connections/),
    ]);
  });

  it('a clock that differs by more than 2 s is a failure', async () => {
    expect(await findingsOf('clock', direct())).toEqual([expect.stringMatching(/^(ok|warn): /)]);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11 * 60_000 });
    expect(await findingsOf('clock', direct())).toEqual([expect.stringMatching(/^fail: the clock of this machine/)]);
  });

  it('a database that cannot be reached is one failure, with what serve says', async () => {
    const databaseUrl = 'postgres://nobody@127.0.0.1:1/none';
    const settings = readSettings({ DATABASE_URL: databaseUrl });
    const refused = await openExisting({ databaseUrl, migrationDatabaseUrl: undefined }).catch(firstMessage);
    expect(await runDoctor({ settings, target: ALL, processes: 0 }, DATABASE_CHECKS)).toEqual([
      { check: 'PostgreSQL', verdict: 'fail', text: refused },
    ]);
    expect(refused).toMatch(/Start that PostgreSQL or correct the URL/);
  });

  it('a primary that is named as its own replica is a warning', async () => {
    const env = { ...direct(), READ_DATABASE_URL: database.programUrl };
    expect(await findingsOf('read replica', env)).toEqual([expect.stringMatching(/^warn: .* leads to the primary/)]);
  });

  it('a PostgreSQL that is named as its own pooler is a warning', async () => {
    const env = { ...direct(), DATABASE_POOLER_URL: database.programUrl };
    expect(await findingsOf('pooler', env)).toEqual([expect.stringMatching(/^warn: .* leads to PostgreSQL itself/)]);
  });

  it('an empty database fails no check', async () => {
    const empty = await testDatabase({ isMigrated: false });
    const env = { DATABASE_URL: empty.programUrl };
    const found = [await findingsOf('contexts', env), await findingsOf('connections', env)];
    await empty.drop();
    expect(found).toEqual([
      [expect.stringMatching(/^ok: the database is empty/)],
      [expect.stringMatching(/^ok: 1 process opens up to 36 connections/)],
    ]);
  });

  it('the tables of a version whose processes say nothing of their secrets fail no check', async () => {
    const earlier = await testDatabase();
    await execute(earlier.url, 'alter table platform.node_leases drop column secret_checks');
    const found = await findingsOf('other processes', { DATABASE_URL: earlier.programUrl });
    await earlier.drop();
    expect(found).toEqual([expect.stringMatching(/^ok: the tables are of an earlier version/)]);
  });

  it('a context that has moved to another database is a failure', async () => {
    const other = await testDatabase();
    await execute(
      other.url,
      `insert into platform.context_moves (context, state, other) values ('coupon', 'LEFT', 'elsewhere')`,
    );
    const found = await findingsOf('contexts', { DATABASE_URL: other.programUrl });
    await other.drop();
    expect(found).toEqual([expect.stringMatching(/^fail: coupon has moved .* Set COUPON_DATABASE_URL/)]);
    expect(await findingsOf('contexts', direct())).toEqual([expect.stringMatching(/^ok: no context/)]);
  });

  it('MIGRATION_DATABASE_URL of another database is a failure, and of the same one it is not', async () => {
    const other = await testDatabase({ isMigrated: false });
    const found = await findingsOf('owner', { ...direct(), MIGRATION_DATABASE_URL: other.url });
    await other.drop();
    expect(found).toEqual([expect.stringMatching(/^fail: MIGRATION_DATABASE_URL leads to another database/)]);
    expect(await findingsOf('owner', { ...direct(), MIGRATION_DATABASE_URL: database.url })).toEqual([
      expect.stringMatching(/^ok: /),
    ]);
  });

  it('the embedded PostgreSQL is reported as not examined', async () => {
    expect(await findingsOf('PostgreSQL', {})).toEqual([expect.stringMatching(/^ok: .* is not examined$/)]);
  });

  it('a replica that shows nothing of the primary is a failure', async () => {
    const other = await testDatabase();
    const found = await findingsOf('read replica', { ...direct(), READ_DATABASE_URL: other.programUrl });
    await other.drop();
    expect(found).toEqual([expect.stringMatching(/^fail: READ_DATABASE_URL is away/)]);
  });
});

describe.skipIf(pooler === undefined)('the pooler', () => {
  const env = () => ({ ...direct(), DATABASE_POOLER_URL: pooler?.url ?? '' });

  it('a role without time limits behind the pooler is a failure, and one with them is not', async () => {
    expect(await findingsOf('pooler', env())).toEqual([
      expect.stringMatching(/^fail: idle_in_transaction_session_timeout .* alter role current_user set/),
      expect.stringMatching(/^fail: statement_timeout /),
    ]);
    const within = `in database ${new URL(database.url).pathname.slice(1)}`;
    await execute(database.programUrl, `alter role current_user ${within} set statement_timeout = '10s'`);
    await execute(
      database.programUrl,
      `alter role current_user ${within} set idle_in_transaction_session_timeout = '5s'`,
    );
    await pooler?.kill();
    await pooler?.start();
    expect(await findingsOf('pooler', env())).toEqual(['ok: sessions behind the pooler have time limits']);
  });

  it('connections that go through the pooler are not counted for each process', async () => {
    expect(await findingsOf('connections', env(), 100)).toEqual([expect.stringContaining('up to 2600 connections')]);
  });
});

describe.skipIf(!redis)('Redis', () => {
  it('a user who lacks what the program does is a warning, the documented one is not', async () => {
    const short = ['--user', 'short', 'on', '>password', '~*', '+@all', '-hset'];
    const server = await startRedis({
      args: ['--requirepass', 'other', ...short, ...documentedAcl()],
      cliArgs: ['-a', 'other'],
    });
    const urlOf = (login: string) => ({ REDIS_URL: `redis://${login}@127.0.0.1:${server.port}` });
    expect(await findingsOf('Redis', urlOf('short:password'))).toEqual([
      expect.stringMatching(/^warn: Redis refuses what this program does.*can't run this command/),
    ]);
    expect(await findingsOf('Redis', urlOf(REDIS_LOGIN))).toEqual([expect.stringMatching(/^ok: /)]);
    await server.stop();
  });

  it('a Redis without a password is a warning, and one with a password is not', async () => {
    const open = await startRedis();
    expect(await findingsOf('Redis', { REDIS_URL: open.url })).toEqual([
      expect.stringMatching(/^warn: Redis serves clients without a password/),
    ]);
    await open.stop();
    const password = 'b7Xq0Jr8mVfTzXy2';
    const closed = await startRedis({ args: ['--requirepass', password], cliArgs: ['-a', password] });
    const url = `redis://:${password}@127.0.0.1:${closed.port}`;
    for (const login of ['', ':another@'])
      expect(await findingsOf('Redis', { REDIS_URL: `redis://${login}127.0.0.1:${closed.port}` })).toEqual([
        expect.stringMatching(/^warn: Redis refuses the login of REDIS_URL/),
      ]);
    expect(await findingsOf('Redis', { REDIS_URL: url })).toEqual([expect.stringMatching(/^ok: /)]);
    await closed.stop();
    expect(await findingsOf('Redis', { REDIS_URL: url })).toEqual([
      expect.stringMatching(/^warn: Redis does not respond/),
    ]);
  });
});

describe.skipIf(etcd === undefined)('etcd', () => {
  const env = () => ({ ETCD_ENDPOINTS: etcd?.endpoint ?? '' });
  const LOGIN = { ETCD_USER: 'root', ETCD_PASSWORD: 'b7Xq0Jr8mVfTzXy2' };

  it('an etcd without passwords is a warning, and one with them is not', async () => {
    expect(await findingsOf('etcd', env())).toEqual([
      expect.stringMatching(/^warn: etcd serves clients without a password/),
    ]);
    await etcd?.post('auth/user/add', { name: 'root', password: LOGIN.ETCD_PASSWORD });
    await etcd?.post('auth/role/add', { name: 'root' });
    await etcd?.post('auth/user/grant', { user: 'root', role: 'root' });
    await etcd?.post('auth/enable', {});
    expect(await findingsOf('etcd', { ...env(), ...LOGIN })).toEqual([expect.stringMatching(/^ok: /)]);
    expect(await findingsOf('etcd', env())).toEqual([expect.stringMatching(/^fail: etcd refuses this process/)]);
  });
});

describe.skipIf(kafka === undefined)('Kafka', () => {
  it('brokers without logins, access rules and replicas are warnings', async () => {
    expect(await findingsOf('Kafka', { KAFKA_BROKERS: kafka ?? '' })).toEqual([
      expect.stringMatching(/^warn: Kafka does not know this process/),
      expect.stringMatching(/^warn: Kafka has no access rules/),
      expect.stringMatching(/^warn: Kafka has \d brokers/),
    ]);
  });

  it('brokers that do not respond are a failure', async () => {
    expect(await findingsOf('Kafka', { KAFKA_BROKERS: '127.0.0.1:1' })).toContainEqual(
      expect.stringMatching(/^fail: Kafka does not respond/),
    );
  });
});

describe('the command', () => {
  const doctor = (env: Readonly<Record<string, string>>, ...options: readonly string[]) =>
    new Promise<{ code: number; output: string }>((resolve) => {
      const all = { PATH: process.env['PATH'] ?? '', ...env };
      execFile(process.execPath, ['src/main.ts', 'doctor', '--json', ...options], { env: all }, (error, output) =>
        resolve({ code: error === null ? 0 : Number(error.code), output }),
      );
    });

  it('`stampede doctor --workers` counts the workers of a node', async () => {
    const { output } = await doctor(direct(), '--workers', '4');
    expect(output).toContain('4 processes open up to 108 connections');
  });

  it('`stampede doctor` exits with 1 when something has to be mended, else with 0, and prints JSON', async () => {
    const healthy = await doctor({ METRICS_PORT: '0' });
    expect([healthy.code, JSON.parse(healthy.output).ok]).toEqual([0, true]);
    const broken = await doctor({ JWT_SECRET: 'k'.repeat(40) });
    expect([broken.code, JSON.parse(broken.output).ok]).toEqual([1, false]);
    expect(JSON.parse(broken.output).findings).toContainEqual({
      check: 'keys',
      verdict: 'fail',
      text: 'JWT_SECRET can be guessed. Set it to the output of: openssl rand -base64 48',
    });
  });
});
