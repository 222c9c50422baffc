import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditReport } from '../../src/app/audits/audit-report.ts';
import { CONTEXT_NAMES, type ContextName } from '../../src/app/parts.ts';
import { HOUR_MS } from '../../src/platform/kernel/durations.ts';
import { mapConcurrent } from '../../src/platform/kernel/map-concurrent.ts';
import { listProcesses } from '../../src/platform/processes.ts';
import { call } from '../attacks/support.ts';
import { environOf } from '../support/environ-of.ts';
import { testKafka } from '../support/kafka.ts';
import { openNotices } from '../support/notice-client.ts';
import { type ServiceProcesses, startServices } from '../support/services.ts';
import { type SigningIssuer, startSigningIssuer } from '../support/signing-issuer.ts';

const brokers = await testKafka();
const ADMIN = '1';
const FIRST_USER = 500_000;

describe.skipIf(brokers === undefined)('every context as a process with a database of its own', () => {
  let on: ServiceProcesses;
  let issuer: SigningIssuer;
  beforeAll(async () => {
    issuer = await startSigningIssuer('login');
    const { url } = issuer;
    const issuers = [
      { name: 'login', issuer: url, jwksUri: `${url}/jwks`, audiences: ['shop-api'], algorithms: ['ES256'] },
    ];
    on = await startServices(brokers ?? '', { JWT_ISSUERS: JSON.stringify(issuers) });
  });
  afterAll(async () => {
    await on?.close();
    await issuer?.stop();
  });

  const ask = (user: string, method: string, path: string, json?: unknown, key?: string) =>
    call(on.gateway.url, method, `/api/v1/${path}`, {
      token: on.token(user, user === ADMIN ? 'ADMIN' : 'CUSTOMER'),
      ...(json === undefined ? {} : { json }),
      headers: key === undefined ? {} : { 'idempotency-key': key },
    });
  async function policy(maxIssueCount: number): Promise<string> {
    const created = await ask(ADMIN, 'POST', 'coupon-policies', {
      name: 'split',
      discountType: 'FIXED_AMOUNT',
      discountValue: 3_000,
      minimumOrderAmount: 0,
      distributionType: 'FIRST_COME',
      maxIssueCount,
      validDays: 30,
      validFrom: new Date(Date.now() - HOUR_MS).toISOString(),
      validUntil: new Date(Date.now() + 24 * HOUR_MS).toISOString(),
    });
    expect([created.status, created.text]).toEqual([201, expect.any(String)]);
    const id: string = created.body.couponPolicyId;
    if (created.body.status !== 'ACTIVE') {
      expect((await ask(ADMIN, 'POST', `admin/coupon-policies/${id}/activate`)).status).toBe(200);
    }
    return id;
  }
  const issue = (policyId: string, user: number) =>
    ask(String(user), 'POST', `coupons/policies/${policyId}/issue`, {}, `issue-${user}`);
  async function rows<Row extends pg.QueryResultRow>(
    part: ContextName,
    statement: string,
    values: unknown[] = [],
  ): Promise<Row[]> {
    const client = new pg.Client({ connectionString: on.databaseUrls[part] });
    await client.connect();
    try {
      return (await client.query<Row>(statement, values)).rows;
    } finally {
      await client.end();
    }
  }
  const COUNT =
    'select count(*)::int as count, count(distinct sequence_no)::int as numbers from coupon.coupon_issues where policy_id = $1';

  test('a user of another issuer gets a coupon, is named by the external id, and is refused after a logout', async () => {
    const policyId = await policy(10);
    const sub = 'b7c1e2d3-0000-4a5b-8c6d-7e8f90a1b2c3';
    const token = await issuer.sign({ sub });
    const send = (method: string, path: string, json?: unknown) =>
      call(on.gateway.url, method, `/api/v1/${path}`, { token, ...(json === undefined ? {} : { json }) });
    expect((await send('POST', `coupons/policies/${policyId}/issue`, {})).status).toBe(201);
    const list = await ask(ADMIN, 'GET', `coupons/users/ext:login:${sub}`);
    expect(list.body.coupons).toMatchObject([{ couponPolicyId: policyId, externalId: `ext:login:${sub}` }]);
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    const logout = await issuer.sign({ sub, jti: '1', events }, { typ: 'logout+jwt' });
    expect((await send('POST', 'auth/backchannel-logout/login', { logout_token: logout })).status).toBe(200);
    expect((await send('GET', 'auth/profile')).body.reason).toBe('SESSION_ENDED');
  });

  test('a part that does not start takes the others with it', async () => {
    const prefix = `unstarted-${process.pid}.`;
    await expect(
      startServices(brokers ?? '', { KAFKA_TOPIC_PREFIX: prefix }, { point: '/no/such/program.js' }),
    ).rejects.toThrow('point did not start');
    const left = listProcesses().filter(({ pid }) => environOf(pid).includes(`KAFKA_TOPIC_PREFIX=${prefix}`));
    expect(left).toEqual([]);
  });

  test('a user signs up, and logs in through the gateway', async () => {
    const credentials = { email: 'split@example.com', password: 'correct horse battery' };
    const json = { ...credentials, name: 'Split' };
    expect((await call(on.gateway.url, 'POST', '/api/v1/auth/signup', { json })).status).toBe(201);
    const login = await call(on.gateway.url, 'POST', '/api/v1/auth/login', { json: credentials });
    expect(login.status).toBe(200);
    const me = await call(on.gateway.url, 'GET', '/api/v1/auth/profile', { token: login.body.accessToken });
    expect(me.body).toMatchObject({ email: 'split@example.com' });
  });

  test('a policy of 1,000 coupons issues exactly 1,000 to 1,200 users, and its statistics count them', async () => {
    const policyId = await policy(1_000);
    const users = Array.from({ length: 1_200 }, (_, index) => FIRST_USER + index);
    const answers = await mapConcurrent(users, 64, (user) => issue(policyId, user));
    const counts = Object.fromEntries(
      [201, 410].map((status) => [status, answers.filter((answer) => answer.status === status).length]),
    );
    expect(counts).toEqual({ 201: 1_000, 410: 200 });
    expect(await rows('coupon', COUNT, [policyId])).toEqual([{ count: 1_000, numbers: 1_000 }]);
    await expect
      .poll(async () => (await rows<{ issued: number }>('statistics', ISSUED, [policyId]))[0]?.issued, {})
      .toBe(1_000);
    const winners = users.filter((_, index) => answers[index]?.status === 201);
    await expect
      .poll(async () => (await rows<{ notices: number }>('notification', NOTICES, [winners]))[0]?.notices, {})
      .toBe(1_000);
  });

  test('the notice of a coupon reaches a stream of the gateway', async () => {
    const user = FIRST_USER - 1;
    const stream = await openNotices(on.gateway.url, { authorization: `Bearer ${on.token(String(user), 'CUSTOMER')}` });
    await expect.poll(() => stream.events.length, { timeout: 60_000 }).toBe(1);
    const { body } = await issue(await policy(1), user);
    await expect.poll(() => stream.events.length, { timeout: 60_000 }).toBe(3);
    expect(stream.events[1]?.data).toMatchObject({ kind: 'COUPON_ISSUED', path: `/coupons/${body.couponId}` });
    stream.close();
  });

  test('an order is paid with points and a coupon, and another one at the provider', async () => {
    const policyId = await policy(10);
    const user = '600001';
    const coupon = await ask(user, 'POST', `coupons/policies/${policyId}/issue`, {}, 'checkout');
    expect(coupon.status).toBe(201);
    const product = await ask(ADMIN, 'POST', 'products', { name: 'Tea', price: 10_000, stock: 10 }, 'product');
    expect(product.status).toBe(201);
    const charged = await ask(ADMIN, 'POST', 'points/charge', { userId: user, amount: 50_000 }, 'charge');
    expect([charged.status, charged.text]).toEqual([201, expect.any(String)]);
    const items = [{ productId: product.body.productId, quantity: 1 }];
    const placed = await ask(user, 'POST', 'orders', { items, couponId: coupon.body.couponId }, 'order-1');
    expect([placed.status, placed.text]).toEqual([201, expect.any(String)]);
    const paid = await ask(user, 'POST', 'payments', { orderId: placed.body.orderId, method: 'POINTS' }, 'pay-1');
    expect(paid.body).toMatchObject({ status: 'COMPLETED', order: { status: 'PAID' } });
    expect((await ask(user, 'GET', `points/users/${user}/balance`)).body).toMatchObject({ balance: 43_000 });

    const other = await ask(user, 'POST', 'orders', { items }, 'order-2');
    const begun = await ask(user, 'POST', 'payments', { orderId: other.body.orderId, method: 'EXTERNAL' }, 'pay-2');
    expect(begun.status).toBe(201);
    await expect
      .poll(async () => (await ask(user, 'GET', `orders/${other.body.orderId}`)).body.status, { timeout: 60_000 })
      .toBe('PAID');
    const inbox = async () => (await ask(user, 'GET', 'notifications')).body;
    await expect.poll(async () => (await inbox()).unreadCount, { timeout: 60_000 }).toBe(4);
    const kinds = (await inbox()).notifications.map(({ kind }: { kind: string }) => kind);
    expect(kinds.toSorted()).toEqual(['COUPON_ISSUED', 'ORDER_PAID', 'ORDER_PAID', 'POINTS_CREDITED']);
  });

  test('a service that is killed while it issues has issued each coupon once, and the same key has the same answer', async () => {
    const policyId = await policy(400);
    const users = Array.from({ length: 600 }, (_, index) => 700_000 + index);
    const answered = new Map<number, string>();
    const rush = mapConcurrent(users, 32, async (user) => {
      for (let attempt = 0; attempt < 60; attempt++) {
        const answer = await issue(policyId, user);
        if (answer.status === 201) answered.set(user, answer.body.couponId);
        if (answer.status < 500) return answer.status;
        expect(answer.body.code).toBe('DEPENDENCY_UNAVAILABLE');
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      return 0;
    });
    await expect.poll(() => answered.size, { interval: 5 }).toBeGreaterThan(20);
    await on.service('coupon').end('SIGKILL');
    await on.restart('coupon');
    const statuses = await rush;
    expect(statuses.filter((status) => status === 201)).toHaveLength(400);
    expect(statuses.filter((status) => status === 410)).toHaveLength(200);
    expect(await rows('coupon', COUNT, [policyId])).toEqual([{ count: 400, numbers: 400 }]);
    const [first = [0, '']] = answered;
    expect((await issue(policyId, first[0])).body.couponId).toBe(first[1]);
  });

  test('without a service the others serve, and what needs it is refused as unavailable', async () => {
    await on.service('point').end('SIGKILL');
    const balance = await ask('800001', 'GET', 'points/users/800001/balance');
    expect([balance.status, balance.body.code]).toEqual([503, 'DEPENDENCY_UNAVAILABLE']);
    expect(balance.headers.get('retry-after')).not.toBeNull();
    const policyId = await policy(1);
    expect((await issue(policyId, 800_001)).status).toBe(201);
    expect((await call(on.gateway.url, 'GET', '/readyz')).body).toMatchObject({
      status: 'ready',
      dependencies: { point: 'down', coupon: 'up' },
    });
    await on.restart('point');
    await expect
      .poll(async () => (await ask('800001', 'GET', 'points/users/800001/balance')).status, { timeout: 60_000 })
      .toBe(200);
  });

  /** Runs `stampede audit` on the databases of all parts. */
  async function audit(settleSeconds: number) {
    const urls = Object.entries(on.databaseUrls).map(([part, url]) => [`${part.toUpperCase()}_DATABASE_URL`, url]);
    const env = { PATH: process.env['PATH'] ?? '', ...on.events, ...Object.fromEntries(urls) };
    const args = [resolve('bin/stampede.js'), 'audit', '--json', '--settle', String(settleSeconds)];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    expect(output, errors).not.toBe('');
    const report = JSON.parse(output) as AuditReport;
    return { code, report, broken: report.audits.filter(({ ok }) => !ok) };
  }

  test('the audits hold while checkouts change all databases, and find what one of them has lost', async () => {
    const users = Array.from({ length: 40 }, (_, index) => String(900_000 + index));
    const policyId = await policy(users.length);
    const product = await ask(ADMIN, 'POST', 'products', { name: 'Cake', price: 10_000, stock: 10_000 }, 'cake');
    const items = [{ productId: product.body.productId, quantity: 1 }];
    let audited = false;
    let paid = 0;
    const checkouts = mapConcurrent(users, 8, async (user) => {
      const coupon = await issue(policyId, Number(user));
      const charged = await ask(ADMIN, 'POST', 'points/charge', { userId: user, amount: 500_000 }, `charge-${user}`);
      expect([coupon.status, charged.status]).toEqual([201, 201]);
      for (let n = 0; n === 0 || (!audited && n < 200); n++) {
        const withCoupon = n === 0 ? { couponId: coupon.body.couponId } : {};
        const placed = await ask(user, 'POST', 'orders', { items, usePoints: 100, ...withCoupon }, `order-${n}`);
        expect([placed.status, placed.text]).toEqual([201, expect.any(String)]);
        const { orderId } = placed.body;
        if (n % 3 === 2) {
          expect((await ask(user, 'POST', `orders/${orderId}/cancel`, {}, `cancel-${n}`)).status).toBeLessThan(300);
          continue;
        }
        const method = n % 3 === 0 ? 'POINTS' : 'EXTERNAL';
        const payment = await ask(user, 'POST', 'payments', { orderId, method }, `pay-${n}`);
        // A user whose points are used up pays no more.
        if (payment.status === 201) paid += 1;
      }
    });
    const during = [];
    try {
      await expect.poll(() => paid, { timeout: 60_000 }).toBeGreaterThan(10);
      for (let run = 0; run < 2; run++) during.push(await audit(1));
    } finally {
      audited = true;
    }
    await checkouts;
    for (const { code, broken, report } of during) {
      expect([code, broken]).toEqual([0, []]);
      expect(report.databases).toBe(CONTEXT_NAMES.length + 1);
    }
    const after = await audit(1);
    expect([after.code, after.broken]).toEqual([0, []]);
    const orders = after.report.audits.find(({ name }) => name.startsWith('a paid order has used its coupon'));
    expect(Number(orders?.figures['used'])).toBeGreaterThanOrEqual(users.length);

    await rows('coupon', "delete from coupon.coupon_reservations where user_id = 900000 and id like 'CHECKOUT:%'");
    const lost = await audit(1);
    expect(lost.code).toBe(1);
    expect(lost.broken.flatMap(({ violations }) => violations)).toContainEqual(
      expect.stringMatching(/^order \d+ of user 900000 takes 3000 off by coupon \d+, its reservation nothing/),
    );
  });
});

const NOTICES = `
  select count(*)::int as notices from notification.notices where user_id = any($1::bigint[]) and kind = 'COUPON_ISSUED'`;
const ISSUED = 'select sum(issued)::int as issued from statistics.hourly where policy_id = $1';
