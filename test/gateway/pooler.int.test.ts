// A server whose queries go through a real pgbouncer in transaction mode, which has one connection to PostgreSQL for all of them.
// @module-tag settings
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAudits } from '../../src/app/audits/run-audits.ts';
import { type Database, openDatabase } from '../../src/platform/postgres/database.ts';
import { type Shop, shopOn } from '../attacks/shop.ts';
import { openPolicy, type Stage, stage, storeOf, testUsers, until } from '../attacks/support.ts';
import { testPooler } from '../support/pgbouncer.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { execute } from '../support/postgres-admin.ts';

const database = await testDatabase();
const pooler = await testPooler(database.programUrl, { poolSize: 1 });
if (pooler === undefined) await database.drop();

describe.skipIf(pooler === undefined)('a server with a pooler', () => {
  const url = pooler?.url ?? '';
  const testUser = testUsers();
  let on: Stage;
  let shop: Shop;
  let owner: pg.Client;
  let direct: Database;
  beforeAll(async () => {
    owner = await connect(database);
    const within = `in database ${owner.escapeIdentifier(new URL(url).pathname.slice(1))}`;
    await execute(database.programUrl, `alter role current_user ${within} set statement_timeout = '2s'`);
    await execute(
      database.programUrl,
      `alter role current_user ${within} set idle_in_transaction_session_timeout = '1s'`,
    );
    // Sessions to PostgreSQL that it has opened keep the settings of before.
    await pooler?.kill();
    await pooler?.start();
    direct = openDatabase({ url: database.programUrl, poolerUrl: url, onError: () => {} });
    on = await stage({
      databaseUrl: database.programUrl,
      ways: { READ_DATABASE_URL: undefined, DATABASE_POOLER_URL: url },
    });
    shop = shopOn(on);
  });
  afterAll(async () => {
    await on?.stop();
    await direct?.close();
    await owner?.end();
    await pooler?.stop();
    await database.drop();
  });

  const issue = async (policyId: string, userId: string) =>
    (await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token(userId) })).status;
  const count = async (text: string): Promise<number> => (await owner.query<{ n: number }>(text)).rows[0]?.n ?? 0;
  const outbox = () => count('select count(*)::int as n from platform.outbox');

  it('stores, policies, coupons, orders, points, statistics and audits work as without a pooler', async () => {
    const storeId = await storeOf(on, testUser(1));
    const policyId = await openPolicy(on, { storeId });
    expect(await issue(policyId, testUser(2))).toBe(201);
    const { orderId } = await shop.placed(testUser(3));
    expect((await shop.post(testUser(3), `orders/${orderId}/cancel`, {})).status).toBe(200);
    const signUp = { email: 'pooled@example.com', password: 'a-long-password-of-the-tests', name: 'Kim' };
    expect((await on.call('POST', '/api/v1/auth/signup', { json: signUp })).status).toBe(201);
    await until(async () => (await outbox()) === 0);
    await until(async () => (await count('select count(*)::int as n from statistics.hourly')) > 0);
    expect((await runAudits(database.url, {})).ok).toBe(true);
  });

  it('the session that all queries share has no prepared statement and no setting but those of its role', async () => {
    const { rows } = await direct.pool.query(`
      select name from pg_prepared_statements where name <> '' union all
      select name from pg_settings where source = 'session' and name not in ('application_name', 'client_encoding')`);
    expect(rows).toEqual([]);
  });

  it('a named statement of the pool is sent without its name', async () => {
    const named = { name: 'named', text: 'select 1 as one' };
    for (let turn = 0; turn < 2; turn++) expect((await direct.pool.query(named)).rows).toEqual([{ one: 1 }]);
    expect((await direct.pool.query('select from pg_prepared_statements')).rowCount).toBe(0);
  });

  it('a statement that leaves something in the session is refused before it is sent', async () => {
    await expect(direct.pool.query('set statement_timeout = 0')).rejects.toThrow('keeps no state');
    await expect(direct.pool.query('select pg_advisory_lock(1)')).rejects.toThrow('keeps no state');
    expect((await direct.pool.query(`select current_setting('statement_timeout') as limit`)).rows).toEqual([
      { limit: '2s' },
    ]);
  });

  it('the time-outs of the role end a statement, and a transaction that does nothing', async () => {
    await expect(direct.pool.query('select pg_sleep(10)')).rejects.toMatchObject({ code: '57014' });
    const client = await direct.pool.connect();
    await client.query('begin');
    await until(async () => {
      const idle = `select count(*)::int as n from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`;
      return (await count(idle)) === 0;
    });
    client.release(true);
    expect((await direct.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('coupons are issued and the process stays ready while the pooler does not respond', async () => {
    const policyId = await openPolicy(on);
    pooler?.signal('SIGSTOP');
    expect(await issue(policyId, testUser(10))).toBe(201);
    expect((await on.call('GET', '/readyz')).status).toBe(200);
    pooler?.signal('SIGCONT');
    expect((await on.call('GET', `/api/v1/coupon-policies/${policyId}`)).status).toBe(200);
  });

  it('a pooler that is killed under load and comes back is used again, and no event becomes a dead letter', async () => {
    const policyId = await openPolicy(on, { maxIssueCount: null });
    let isOver = false;
    let users = 100;
    const issuing = Array.from({ length: 8 }, async () => {
      while (!isOver) {
        expect(await issue(policyId, testUser(users++))).toBe(201);
        await on.call('GET', `/api/v1/coupon-policies/${policyId}`);
      }
    });
    for (let turn = 0; turn < 3; turn++) {
      await until(async () => users > 120 + turn * 20);
      await pooler?.kill();
      await until(async () => (await on.call('GET', `/api/v1/coupon-policies/${policyId}`)).status === 503);
      await pooler?.start();
      await until(async () => (await on.call('GET', `/api/v1/coupon-policies/${policyId}`)).status === 200);
    }
    isOver = true;
    await Promise.all(issuing);
    await until(async () => (await outbox()) === 0);
    expect(await count('select count(*)::int as n from platform.dead_letters')).toBe(0);
    expect((await runAudits(database.url, {})).ok).toBe(true);
  });
});

async function connect({ url }: TestDatabase): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}
