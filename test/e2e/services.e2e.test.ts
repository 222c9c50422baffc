import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contextsByName } from '../../src/app/contexts.ts';
import { HOUR_MS } from '../../src/platform/kernel/durations.ts';
import { mapConcurrent } from '../../src/platform/kernel/map-concurrent.ts';
import { call } from '../attacks/support.ts';
import { testKafka } from '../support/kafka.ts';
import { type Service, type ServiceProcesses, startServices } from '../support/services.ts';

const brokers = await testKafka();
const ADMIN = '1';
const FIRST_USER = 500_000;

describe.skipIf(brokers === undefined)('every context as a process with a database of its own', () => {
  let on: ServiceProcesses;
  beforeAll(async () => {
    on = await startServices(brokers ?? '');
  }, 120_000);
  afterAll(() => on?.close());

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
    part: Service,
    text: string,
    values: unknown[] = [],
  ): Promise<Row[]> {
    const client = new pg.Client({ connectionString: on.databaseUrls[part] });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }
  const COUNT =
    'select count(*)::int as count, count(distinct sequence_no)::int as numbers from coupon.coupon_issues where policy_id = $1';

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
      .poll(async () => (await rows<{ issued: number }>('statistics', ISSUED, [policyId]))[0]?.issued, {
        timeout: 30_000,
      })
      .toBe(1_000);
  }, 120_000);

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
      .poll(async () => (await ask(user, 'GET', `orders/${other.body.orderId}`)).body.status, { timeout: 20_000 })
      .toBe('PAID');
  }, 60_000);

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
  }, 120_000);

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
      .poll(async () => (await ask('800001', 'GET', 'points/users/800001/balance')).status, { timeout: 10_000 })
      .toBe(200);
  }, 90_000);

  test('the audits of every context hold on its own database', async () => {
    for (const { name, audits } of contextsByName()) {
      if (audits.length === 0) continue;
      const client = new pg.Client({ connectionString: on.databaseUrls[name as Service] });
      await client.connect();
      try {
        for (const audit of audits) {
          const { ok, violations } = await audit.run(client, {});
          expect([name, audit.name, ok, violations]).toEqual([name, audit.name, true, []]);
        }
      } finally {
        await client.end();
      }
    }
  });
});

const ISSUED = 'select sum(issued)::int as issued from statistics.hourly where policy_id = $1';
