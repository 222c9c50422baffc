import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { AuditReport } from '../../src/app/audits/audit-report.ts';
import { CONTEXT_NAMES, type ContextName } from '../../src/app/parts.ts';
import { HOUR_MS } from '../../src/platform/kernel/durations.ts';
import { mapConcurrent } from '../../src/platform/kernel/map-concurrent.ts';
import { call } from '../attacks/support.ts';
import { testKafka } from '../support/kafka.ts';
import { dropDatabase, execute, withDatabaseName } from '../support/postgres-admin.ts';
import { type ServiceProcesses, startServices } from '../support/services.ts';

const brokers = await testKafka();
const ADMIN = '1';
const USERS = Array.from({ length: 20 }, (_, index) => 930_000 + index);

describe.skipIf(brokers === undefined)('contexts that move out of one database', () => {
  let on: ServiceProcesses;
  const server = inject('postgresUrl');
  const run = randomBytes(4).toString('hex');
  const urlOf = (name: string): string => withDatabaseName(server, `${name}_${run}`);
  const DATABASES = ['moved_from', 'moved_coupon', 'moved_point'];
  beforeAll(async () => {
    for (const name of DATABASES) await execute(server, `create database ${name}_${run}`);
    on = await startServices(brokers ?? '', {}, {}, () => ({}), urlOf('moved_from'));
  });
  afterAll(async () => {
    await on?.close();
    for (const name of DATABASES) await dropDatabase(server, `${name}_${run}`);
  });

  const ask = async (user: string, method: string, path: string, json?: unknown, key?: string) => {
    const answer = await call(on.gateway.url, method, `/api/v1/${path}`, {
      token: on.token(user, user === ADMIN ? 'ADMIN' : 'CUSTOMER'),
      ...(json === undefined ? {} : { json }),
      headers: key === undefined ? {} : { 'idempotency-key': key },
    });
    return { status: answer.status, body: answer.body };
  };
  const issue = (policyId: string, user: number) =>
    ask(String(user), 'POST', `coupons/policies/${policyId}/issue`, {}, 'issue');
  const charge = (user: number) =>
    ask(ADMIN, 'POST', 'points/charge', { userId: String(user), amount: 50_000 }, `charge-${user}`);

  async function rows<Row extends pg.QueryResultRow>(url: string, statement: string, values: unknown[] = []) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return (await client.query<Row>(statement, values).finally(() => client.end())).rows;
  }

  /** Starts a command with the databases of all parts. */
  function stampede(args: readonly string[], changes: NodeJS.ProcessEnv = {}) {
    const urls = Object.entries(on.databaseUrls).map(([part, url]) => [`${part.toUpperCase()}_DATABASE_URL`, url]);
    const env = { PATH: process.env['PATH'] ?? '', ...on.events, ...Object.fromEntries(urls), ...changes };
    const child = spawn(process.execPath, [resolve('bin/stampede.js'), ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]).then(
      ([output, errors, [code]]) => ({ output, errors, code }),
    );
    return { child, ended };
  }
  const move = (context: ContextName, to: string, changes: NodeJS.ProcessEnv = {}) =>
    stampede(['move', '--context', context, '--to', to, '--settle', '1'], changes);

  const SESSIONS = `
    select query, wait_event_type from pg_stat_activity where application_name = 'stampede-move' and datname = any($1)`;
  const sessions = () =>
    rows<{ query: string; wait_event_type: string | null }>(server, SESSIONS, [
      DATABASES.map((name) => `${name}_${run}`),
    ]);

  /** Kills a move of coupon after the rows of its own tables were copied: those of the inbox wait for a lock. */
  async function killWhileItCopies(to: string): Promise<void> {
    const holder = new pg.Client({ connectionString: urlOf('moved_from') });
    await holder.connect();
    try {
      await holder.query('begin; lock table platform.inbox in access exclusive mode');
      const { child, ended } = move('coupon', to);
      await expect.poll(sessions, { timeout: 60_000, interval: 20 }).toContainEqual({
        query: expect.stringMatching(/^copy \(select .* from platform.inbox/),
        wait_event_type: 'Lock',
      });
      child.kill('SIGKILL');
      expect((await ended).output).not.toContain('Moved');
    } finally {
      await holder.end();
    }
    // PostgreSQL finds out that the client is gone when it sends rows.
    await expect.poll(sessions, { timeout: 60_000 }).toEqual([]);
  }

  test('coupons and points move to other databases with their keys, numbers and events, also after a move was killed', async () => {
    const policy = await ask(ADMIN, 'POST', 'coupon-policies', {
      name: 'moved',
      discountType: 'FIXED_AMOUNT',
      discountValue: 3_000,
      minimumOrderAmount: 0,
      distributionType: 'FIRST_COME',
      maxIssueCount: 100,
      validDays: 30,
      validFrom: new Date(Date.now() - HOUR_MS).toISOString(),
      validUntil: new Date(Date.now() + 24 * HOUR_MS).toISOString(),
    });
    expect(policy.status).toBe(201);
    const policyId: string = policy.body.couponPolicyId;
    if (policy.body.status !== 'ACTIVE') await ask(ADMIN, 'POST', `admin/coupon-policies/${policyId}/activate`);
    const product = await ask(ADMIN, 'POST', 'products', { name: 'Tea', price: 10_000, stock: 100 }, 'product');
    const items = [{ productId: product.body.productId, quantity: 1 }];
    const checkout = async (user: number, couponId?: string) => {
      const order = { items, usePoints: 100, ...(couponId === undefined ? {} : { couponId }) };
      const placed = await ask(String(user), 'POST', 'orders', order, `order-${couponId}`);
      expect(placed).toMatchObject({ status: 201 });
      const payment = { orderId: placed.body.orderId, method: 'POINTS' };
      const paid = await ask(String(user), 'POST', 'payments', payment, `pay-${couponId}`);
      expect(paid).toMatchObject({ status: 201, body: { status: 'COMPLETED' } });
    };
    const issued = new Map(await mapConcurrent(USERS, 8, async (user) => [user, await issue(policyId, user)] as const));
    const charged = new Map(await mapConcurrent(USERS, 8, async (user) => [user, await charge(user)] as const));
    for (const answer of [...issued.values(), ...charged.values()]) expect(answer.status).toBe(201);
    // Half of the users have paid with their coupon, and the others do after the move.
    await mapConcurrent(USERS.slice(0, 10), 4, (user) => checkout(user, issued.get(user)?.body.couponId));

    const refused = await move('coupon', urlOf('moved_coupon')).ended;
    expect(refused).toMatchObject({ code: 1, errors: expect.stringContaining('work with this database: ') });
    await Promise.all(
      [...CONTEXT_NAMES.map((name) => on.service(name)), on.gateway].map((part) => part.end('SIGTERM')),
    );

    const withoutKafka = { KAFKA_BROKERS: undefined, KAFKA_TOPIC_PREFIX: undefined };
    const blind = await move('coupon', urlOf('moved_coupon'), withoutKafka).ended;
    expect(blind).toMatchObject({
      code: 1,
      output: '',
      errors: expect.stringContaining('get their events from Kafka'),
    });
    await killWhileItCopies(urlOf('moved_coupon'));
    const COUPONS = 'select count(*)::int as count from coupon.coupon_issues where policy_id = $1';
    expect(await rows(urlOf('moved_from'), COUPONS, [policyId])).toEqual([{ count: 20 }]);
    expect(await rows(urlOf('moved_coupon'), COUPONS, [policyId])).toEqual([{ count: 0 }]);
    for (const context of ['coupon', 'point'] as const) {
      const moved = await move(context, urlOf(`moved_${context}`)).ended;
      expect(moved).toMatchObject({ code: 0, errors: '', output: expect.stringContaining('invariants hold') });
      await expect(on.restart(context)).rejects.toThrow(`${context} has moved from this database to another one`);
      on.relocate(context, urlOf(`moved_${context}`));
    }
    await Promise.all(CONTEXT_NAMES.map((name) => on.restart(name)));
    await on.restart('gateway');

    const again = await mapConcurrent(USERS, 8, async (user) => [user, await issue(policyId, user)] as const);
    for (const [user, answer] of again) expect(answer).toEqual(issued.get(user));
    for (const user of USERS) expect(await charge(user)).toEqual(charged.get(user));
    expect((await issue(policyId, 940_000)).status).toBe(201);
    const NUMBERS =
      'select count(*)::int as count, max(sequence_no)::int as last from coupon.coupon_issues where policy_id = $1';
    expect(await rows(urlOf('moved_coupon'), NUMBERS, [policyId])).toEqual([{ count: 21, last: 21 }]);
    await mapConcurrent(USERS.slice(10), 4, (user) => checkout(user, issued.get(user)?.body.couponId));
    // 50,000 charged, then 100 points and 6,900 of the payment with points.
    for (const user of USERS) {
      const { body } = await ask(String(user), 'GET', `points/users/${user}/balance`);
      expect(body).toMatchObject({ balance: 43_000 });
    }
    const ISSUED =
      'select sum(issued)::int as issued, sum(used)::int as used from statistics.hourly where policy_id = $1';
    await expect
      .poll(() => rows(urlOf('moved_from'), ISSUED, [policyId]), { timeout: 60_000 })
      .toEqual([{ issued: 21, used: 20 }]);
    const { code, output } = await stampede(['audit', '--json', '--settle', '1']).ended;
    const report = JSON.parse(output) as AuditReport;
    expect([code, report.audits.filter(({ ok }) => !ok)]).toEqual([0, []]);
    expect(report.databases).toBe(3);
  });
});
