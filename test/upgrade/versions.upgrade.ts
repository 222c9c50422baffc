import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTEXT_NAMES } from '../../src/app/parts.ts';
import { HOUR_MS } from '../../src/platform/kernel/durations.ts';
import { mapConcurrent } from '../../src/platform/kernel/map-concurrent.ts';
import { call } from '../attacks/support.ts';
import { testKafka } from '../support/kafka.ts';
import { type ServiceProcesses, startServices } from '../support/services.ts';

const other = process.env['STAMPEDE_OTHER_PROGRAM'] ?? '';
const brokers = (await testKafka()) ?? '';
/** A context that the other version does not have yet is of this one. */
const COMMON = CONTEXT_NAMES.filter((name) => existsSync(resolve(dirname(other), '../src/contexts', name)));
const SHAPES = {
  'a gateway of this version with services of the other one': Object.fromEntries(COMMON.map((name) => [name, other])),
  'a gateway of the other version with services of this one': { gateway: other },
  'an order service of this version with a coupon service of the other one': { coupon: other, point: other },
};
const ADMIN = '1';

describe.each(Object.entries(SHAPES))('%s', (_, programs) => {
  let on: ServiceProcesses;
  beforeAll(async () => {
    on = await startServices(brokers, {}, programs);
  });
  afterAll(() => on?.close());

  const ask = (user: string, method: string, path: string, json?: unknown, key?: string) =>
    call(on.gateway.url, method, `/api/v1/${path}`, {
      token: on.token(user, user === ADMIN ? 'ADMIN' : 'CUSTOMER'),
      ...(json === undefined ? {} : { json }),
      headers: key === undefined ? {} : { 'idempotency-key': key },
    });
  async function policy(maxIssueCount: number): Promise<string> {
    const created = await ask(ADMIN, 'POST', 'coupon-policies', {
      name: 'upgrade',
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
    return created.body.couponPolicyId;
  }
  const issue = (policyId: string, user: number | string) =>
    ask(String(user), 'POST', `coupons/policies/${policyId}/issue`, {}, `issue-${user}`);

  test('an account is created and logs in', async () => {
    const credentials = { email: 'upgrade@example.com', password: 'correct horse battery' };
    const json = { ...credentials, name: 'Upgrade' };
    expect((await call(on.gateway.url, 'POST', '/api/v1/auth/signup', { json })).status).toBe(201);
    const login = await call(on.gateway.url, 'POST', '/api/v1/auth/login', { json: credentials });
    const me = await call(on.gateway.url, 'GET', '/api/v1/auth/profile', { token: login.body.accessToken });
    expect(me.body).toMatchObject({ email: credentials.email });
  });

  test('the count is exact, and a key has one result', async () => {
    const policyId = await policy(200);
    const users = Array.from({ length: 300 }, (__, index) => 500_000 + index);
    const answers = await mapConcurrent(users, 32, (user) => issue(policyId, user));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(200);
    expect(answers.filter(({ status }) => status === 410)).toHaveLength(100);
    const first = users[answers.findIndex(({ status }) => status === 201)] ?? 0;
    const again = await issue(policyId, first);
    expect(again.body.couponId).toBe(answers.find(({ status }) => status === 201)?.body.couponId);
    expect((await ask(ADMIN, 'GET', `coupon-policies/${policyId}`)).body.currentIssueCount).toBe(200);
  });

  test('an order takes a coupon and points, is paid and refunded', async () => {
    const policyId = await policy(10);
    const user = '600001';
    const coupon = await issue(policyId, user);
    const product = await ask(ADMIN, 'POST', 'products', { name: 'Tea', price: 10_000, stock: 10 }, 'product');
    expect((await ask(ADMIN, 'POST', 'points/charge', { userId: user, amount: 50_000 }, 'charge')).status).toBe(201);
    const items = [{ productId: product.body.productId, quantity: 1 }];
    const placed = await ask(user, 'POST', 'orders', { items, couponId: coupon.body.couponId }, 'order');
    expect([placed.status, placed.text]).toEqual([201, expect.any(String)]);
    const { orderId } = placed.body;
    const paid = await ask(user, 'POST', 'payments', { orderId, method: 'POINTS' }, 'pay');
    expect(paid.body).toMatchObject({ status: 'COMPLETED', order: { status: 'PAID' } });
    expect((await ask(user, 'GET', `points/users/${user}/balance`)).body).toMatchObject({ balance: 43_000 });
    const refund = await ask(ADMIN, 'POST', `orders/${orderId}/refund`, { reason: 'upgrade' }, 'refund');
    expect([refund.status, refund.text]).toEqual([expect.any(Number), expect.any(String)]);
    await expect
      .poll(async () => (await ask(user, 'GET', `points/users/${user}/balance`)).body.balance, { timeout: 60_000 })
      .toBe(50_000);
  });
});
