import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditReport } from '../../src/app/audits/audit-report.ts';
import { firstNodeOf } from '../../src/app/node-ranges.ts';
import { shardMap } from '../../src/app/shards/shard-map.ts';
import { HOUR_MS } from '../../src/platform/kernel/durations.ts';
import { mapConcurrent } from '../../src/platform/kernel/map-concurrent.ts';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { call } from '../attacks/support.ts';
import { testKafka } from '../support/kafka.ts';
import { type SecondPostgres, secondPostgres } from '../support/second-postgres.ts';
import { type PartProcess, type ServiceProcesses, startServices } from '../support/services.ts';

const brokers = await testKafka();
const ADMIN = '1';
const ERAS = [{ sinceMs: 0, shards: 2 }];
const MAPS = { coupon: shardMap(ERAS, firstNodeOf('coupon')), point: shardMap(ERAS, firstNodeOf('point')) };
const NAMES = ['coupon', 'point'] as const;
type Name = (typeof NAMES)[number];
const RUSH_USERS = 100;
const USERS = Array.from({ length: 8 }, (_, index) => String(600_000 + index));

describe.skipIf(brokers === undefined)('two shards of coupon and of point, on two PostgreSQL servers', () => {
  let server: SecondPostgres;
  let on: ServiceProcesses;
  const env: Record<string, string> = { COUPON_SHARDS: '2', POINT_SHARDS: '2', POINT_EARN_RATE_BP: '100' };
  const second = {} as Record<Name, { readonly changes: Record<string, string>; url: string; process?: PartProcess }>;

  async function startSecond(name: Name): Promise<void> {
    second[name].process = await on.startAnother(name, second[name].changes);
  }
  beforeAll(async () => {
    server = await secondPostgres();
    for (const name of NAMES) {
      const [url, port] = [await server.database(`second_${name}`), await freePort()];
      const upper = name.toUpperCase();
      env[`${upper}_SHARD_ADDRESSES`] = `127.0.0.1:${port}`;
      const changes = { SHARD: '1', GRPC_PORT: String(port), [`${upper}_DATABASE_URL`]: url };
      second[name] = { url, changes };
    }
    const isSharded = (part: string) => NAMES.some((name) => name === part);
    on = await startServices(brokers ?? '', env, {}, (part) => (isSharded(part) ? { SHARD: '0' } : {}));
    await Promise.all(NAMES.map(startSecond));
    // The gateway was there first, and tries the address of a shard that did not respond again after a pause.
    const paths = ['coupon-policies', ...USERS.map((user) => `points/users/${user}/balance`)];
    const areReached = async () =>
      (await Promise.all(paths.map((path) => ask(ADMIN, 'GET', path)))).every(({ status }) => status === 200);
    while (!(await areReached())) await sleep(100);
  });
  afterAll(async () => {
    await on?.close();
    await server?.stop();
  });

  const ask = (user: string, method: string, path: string, json?: unknown, key?: string) =>
    call(on.gateway.url, method, `/api/v1/${path}`, {
      token: on.token(user, user === ADMIN ? 'ADMIN' : 'CUSTOMER'),
      ...(json === undefined ? {} : { json }),
      headers: key === undefined ? {} : { 'idempotency-key': key },
    });
  /** A policy in this shard. */
  async function policyIn(shard: number, maxIssueCount: number, changes: object = {}): Promise<string> {
    for (;;) {
      const created = await ask(ADMIN, 'POST', 'coupon-policies', {
        name: 'sharded',
        discountType: 'FIXED_AMOUNT',
        discountValue: 3_000,
        minimumOrderAmount: 0,
        distributionType: 'FIRST_COME',
        maxIssueCount,
        validDays: 30,
        validFrom: new Date(Date.now() - HOUR_MS).toISOString(),
        validUntil: new Date(Date.now() + 24 * HOUR_MS).toISOString(),
        ...changes,
      });
      expect([created.status, created.text]).toEqual([201, expect.any(String)]);
      const id: string = created.body.couponPolicyId;
      if (MAPS.coupon.shardOfId(BigInt(id)) === shard) return id;
    }
  }
  const issue = (policyId: string, user: number) =>
    ask(String(user), 'POST', `coupons/policies/${policyId}/issue`, {}, `issue-${policyId}-${user}`);
  async function count(shard: number, policyId: string): Promise<unknown> {
    const client = new pg.Client({ connectionString: shard === 0 ? on.databaseUrls.coupon : second.coupon.url });
    await client.connect();
    const statement = `select count(*)::int as count, count(distinct sequence_no)::int as numbers, max(sequence_no) as last
      from coupon.coupon_issues where policy_id = $1`;
    const { rows } = await client.query(statement, [policyId]).finally(() => client.end());
    return rows[0];
  }

  test('rushes on policies of both shards at once issue exactly what each has', async () => {
    const policies = [await policyIn(0, 100), await policyIn(1, 150), await policyIn(1, 50)];
    const requests = policies.flatMap((policyId) =>
      Array.from({ length: 250 }, (_, index) => ({ policyId, user: 500_000 + index })),
    );
    const answers = await mapConcurrent(
      requests.toSorted((a, b) => a.user - b.user),
      64,
      async ({ policyId, user }) => ({
        policyId,
        status: (await issue(policyId, user)).status,
      }),
    );
    for (const [index, policyId] of policies.entries()) {
      const quantity = [100, 150, 50][index];
      const issued = answers.filter((answer) => answer.policyId === policyId && answer.status === 201);
      expect(issued).toHaveLength(quantity ?? 0);
      expect(await count(index === 0 ? 0 : 1, policyId)).toEqual({
        count: quantity,
        numbers: quantity,
        last: quantity,
      });
    }
  });

  test('orders are paid with a coupon of either shard and points of either shard, and earn points there once', async () => {
    const policies = [await policyIn(0, 20), await policyIn(1, 20)];
    const product = await ask(ADMIN, 'POST', 'products', { name: 'Tea', price: 10_000, stock: 100 }, 'product');
    const items = [{ productId: product.body.productId, quantity: 1 }];
    expect(new Set(USERS.map((user) => MAPS.point.shardOfUser(BigInt(user))))).toEqual(new Set([0, 1]));
    await mapConcurrent(USERS, 4, async (user) => {
      const coupon = await issue(policies[Number(user) % 2] ?? '', Number(user));
      const charged = await ask(ADMIN, 'POST', 'points/charge', { userId: user, amount: 5_000 }, `charge-${user}`);
      expect([coupon.status, charged.status]).toEqual([201, 201]);
      const order = { items, couponId: coupon.body.couponId, usePoints: 1_000 };
      const placed = await ask(user, 'POST', 'orders', order, `order-${user}`);
      expect([placed.status, placed.text]).toEqual([201, expect.any(String)]);
      const { orderId } = placed.body;
      const begun = await ask(user, 'POST', 'payments', { orderId, method: 'EXTERNAL' }, `pay-${user}`);
      expect(begun.status).toBe(201);
      await expect
        .poll(async () => (await ask(user, 'GET', `orders/${orderId}`)).body.status, { timeout: 60_000 })
        .toBe('PAID');
      const used = await ask(user, 'GET', `coupons/${coupon.body.couponId}`);
      expect(used.body).toMatchObject({ status: 'USED' });
      // 1 percent of 10,000 less 3,000 less 1,000.
      await expect
        .poll(async () => (await ask(user, 'GET', `points/users/${user}/balance`)).body, { timeout: 60_000 })
        .toMatchObject({ available: 4_000, pending: 60 });
    });
  });

  test('a key that issued a coupon in one shard is refused for a policy of the other one', async () => {
    const policies = [await policyIn(0, 10), await policyIn(1, 10)];
    for (const user of USERS) {
      const issueOf = (index: number) =>
        ask(user, 'POST', `coupons/policies/${policies[index]}/issue`, {}, `one key of ${user}`);
      const issued = [await issueOf(0), await issueOf(1), await issueOf(0)];
      expect(issued.map(({ status, body }) => [status, body.code])).toEqual([
        [201, undefined],
        [422, 'IDEMPOTENCY_KEY_REUSED'],
        [201, undefined],
      ]);
    }
    expect(await count(1, policies[1] ?? '')).toMatchObject({ count: 0 });
  });

  test('a user has at most twenty coupons reserved over both shards', async () => {
    const user = '640001';
    const reserved: string[] = [];
    for (let index = 0; index < 22; index++) {
      const issued = await issue(await policyIn(index < 14 ? 0 : 1, 1), Number(user));
      const { couponId } = issued.body;
      const json = { reservationId: `r-${couponId}`, couponId, orderAmount: 10_000 };
      const { status, body } = await ask(user, 'POST', 'coupons/reserve', json, `reserve-${couponId}`);
      reserved.push(`${status} ${body.code ?? ''}`.trim());
    }
    expect(reserved).toEqual([...Array(20).fill('200'), '409 RESERVATION_CONFLICT', '409 RESERVATION_CONFLICT']);
  });

  test('a generated code is redeemed in the shard of its policy, once', async () => {
    for (const shard of [0, 1]) {
      const policyId = await policyIn(shard, 10, { distributionType: 'CODE' });
      const started = await ask(ADMIN, 'POST', `coupon-policies/${policyId}/codes`, { count: 3 }, `codes-${shard}`);
      expect([started.status, started.text]).toEqual([202, expect.any(String)]);
      const codes = async () =>
        (await ask(ADMIN, 'GET', `coupon-policies/${policyId}/codes.csv`)).text.trim().split(/\s+/).slice(1);
      await expect.poll(codes, { timeout: 60_000 }).toHaveLength(3);
      const [code = ''] = (await codes()).map((line) => line.split(',')[0] ?? '');
      const redeem = (user: string) =>
        ask(user, 'POST', 'coupons/download', { couponCode: code }, `redeem-${shard}-${user}`);
      const first = await redeem('650001');
      expect([first.status, MAPS.coupon.shardOfId(BigInt(first.body.couponId))]).toEqual([201, shard]);
      expect((await redeem('650002')).body.code).toBe('COUPON_ALREADY_USED');
    }
  });

  test('a shard that is killed takes its policies with it, and no others; after its start it goes on where it was', async () => {
    const policies = [await policyIn(0, 10), await policyIn(1, 10)];
    for (const policyId of policies) expect((await issue(policyId, 700_000)).status).toBe(201);
    await second.coupon.process?.end('SIGKILL');
    for (let user = 700_001; user < 700_020; user++) {
      expect((await issue(policies[0] ?? '', user)).status).toBe(user < 700_010 ? 201 : 410);
    }
    const refused = await issue(policies[1] ?? '', 700_001);
    expect([refused.status, refused.body.code]).toEqual([503, 'DEPENDENCY_UNAVAILABLE']);
    // A part of a list would look like all of it.
    const list = await ask('700000', 'GET', 'coupons/users/700000');
    expect([list.status, list.body.code]).toEqual([503, 'DEPENDENCY_UNAVAILABLE']);
    expect((await call(on.gateway.url, 'GET', '/readyz')).body).toMatchObject({
      status: 'ready',
      dependencies: { coupon: 'up', 'coupon.1': 'down' },
    });
    await startSecond('coupon');
    await expect.poll(async () => (await issue(policies[1] ?? '', 700_001)).status, { timeout: 60_000 }).toBe(201);
    for (let user = 700_002; user < 700_015; user++) await issue(policies[1] ?? '', user);
    expect(await count(1, policies[1] ?? '')).toEqual({ count: 10, numbers: 10, last: 10 });
    expect((await ask('700000', 'GET', 'coupons/users/700000')).body.coupons).toHaveLength(2);
  });

  test('a shard does not start on the database of another one', async () => {
    const changes = { ...second.coupon.changes, COUPON_DATABASE_URL: on.databaseUrls.coupon, GRPC_PORT: '0' };
    await expect(on.startAnother('coupon', changes)).rejects.toThrow(
      /Ids of coupon that are not of shard 1 were made in this database/,
    );
  });

  test('the audit of a context that moves judges each order in the shards of its coupon and its points', async () => {
    const to = await server.database('moved_store');
    await on.service('store').end('SIGTERM');
    const { code, output, errors } = await stampede(['move', '--context', 'store', '--to', to, '--settle', '1']);
    expect([code, errors]).toEqual([0, '']);
    expect(output).toContain(`${databases()} databases of the live system`);
    on.relocate('store', to);
    await on.restart('store');
  });

  test('a rush finds the coupons and points of its users in every shard, and they are exact', async () => {
    const shards = new Set<number>();
    const reports = [await rush('checkout')];
    while (shards.size < MAPS.coupon.shards) {
      const report = await rush('coupon', '--coupons=40');
      shards.add(MAPS.coupon.shardOfId(BigInt(report.policyId)));
      reports.push(report);
    }
    for (const { exact, checks } of reports) {
      expect(checks.filter(({ ok }) => !ok)).toEqual([]);
      expect(exact).toBe(true);
    }
  });

  test('a policy that was moved to the other shard by a command issues there, whichever shard its id names', async () => {
    for (const [from, to] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const policyId = await policyIn(from, 5);
      const change = (transition: string) => ask(ADMIN, 'POST', `admin/coupon-policies/${policyId}/${transition}`, {});
      expect((await change('pause')).status).toBe(200);
      const moved = await stampede(['shard', 'move', '--policy', policyId, '--to', String(to), '--settle', '1']);
      expect([moved.code, moved.output]).toEqual([0, expect.stringContaining(`Policy ${policyId} is in shard ${to}`)]);
      expect((await change('activate')).status).toBe(200);
      const issued = await issue(policyId, 720_000);
      expect([issued.status, MAPS.coupon.shardOfId(BigInt(issued.body.couponId))]).toEqual([201, to]);
      expect((await issue(policyId, 720_000)).status).toBe(201);
      expect(await count(to, policyId)).toEqual({ count: 1, numbers: 1, last: 1 });
      expect(await count(from, policyId)).toEqual({ count: 0, numbers: 0, last: null });
    }
  });

  test('the audits of all shards hold, and find in each what it has lost', async () => {
    const whole = await audit();
    expect([whole.code, whole.broken]).toEqual([0, []]);
    expect(whole.report.databases).toBe(databases());
    const orders = whole.report.audits.find(({ name }) => name.startsWith('a paid order has used its coupon'));
    expect(Number(orders?.figures['used'])).toBe(USERS.length + RUSH_USERS / 10);
    const client = new pg.Client({ connectionString: second.coupon.url });
    await client.connect();
    const { rowCount } = await client
      .query("delete from coupon.coupon_reservations where id like 'CHECKOUT:%'")
      .finally(() => client.end());
    const lost = await audit();
    const violations = lost.broken.flatMap((line) => line.violations);
    expect(rowCount).toBeGreaterThanOrEqual(USERS.length / 2);
    // The report has five examples at most.
    expect(violations.filter((violation) => violation.includes('its reservation nothing'))).toHaveLength(
      Math.min(rowCount ?? 0, 5),
    );
  });

  /** One of each part, and the second shard of those that have two. */
  const databases = () => Object.keys(on.databaseUrls).length + NAMES.length;

  async function audit() {
    const { code, output, errors } = await stampede(['audit', '--json', '--settle', '1']);
    expect(output, errors).not.toBe('');
    const report = JSON.parse(output) as AuditReport;
    return { code, report, broken: report.audits.filter(({ ok }) => !ok) };
  }
  async function rush(kind: string, ...args: readonly string[]) {
    const options = [`--users=${RUSH_USERS}`, '--connections=16', `--url=${on.gateway.url}`, '--json'];
    const { output, errors } = await stampede(['rush', `--kind=${kind}`, ...options, ...args]);
    expect(output, errors).not.toBe('');
    return JSON.parse(output) as { exact: boolean; policyId: string; checks: readonly { ok: boolean }[] };
  }

  /** Runs a command with the databases of all parts and shards. */
  async function stampede(args: readonly string[]) {
    const urls = Object.entries(on.databaseUrls).map(([part, url]) => [`${part.toUpperCase()}_DATABASE_URL`, url]);
    const shards = NAMES.map((name) => [`${name.toUpperCase()}_SHARD_DATABASE_URLS`, second[name].url]);
    const places = Object.fromEntries([...urls, ...shards]);
    const child = spawn(process.execPath, [resolve('bin/stampede.js'), ...args], {
      env: { PATH: process.env['PATH'] ?? '', JWT_SECRET: on.jwtSecret, ...on.events, ...env, ...places },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { code, output, errors };
  }
});
