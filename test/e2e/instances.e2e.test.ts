import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../src/platform/kernel/durations.ts';
import { mapConcurrent } from '../../src/platform/kernel/map-concurrent.ts';
import { call } from '../attacks/support.ts';
import { testEtcd } from '../support/etcd.ts';
import { testKafka } from '../support/kafka.ts';
import { type PartProcess, type ServiceProcesses, startServices } from '../support/services.ts';

const brokers = await testKafka();
const etcd = await testEtcd();
const ADMIN = '1';

describe.skipIf(brokers === undefined || etcd === undefined)('processes that find each other in etcd', () => {
  let on: ServiceProcesses;
  let secondCoupon: PartProcess;
  beforeAll(async () => {
    on = await startServices(brokers ?? '', { ETCD_ENDPOINTS: etcd?.endpoint ?? '' });
    secondCoupon = await on.startAnother('coupon');
  });
  afterAll(async () => {
    await on?.close();
    await etcd?.stop();
  });

  const ask = (user: string, method: string, path: string, json?: unknown, key?: string) =>
    call(on.gateway.url, method, `/api/v1/${path}`, {
      token: on.token(user, user === ADMIN ? 'ADMIN' : 'CUSTOMER'),
      ...(json === undefined ? {} : { json }),
      headers: key === undefined ? {} : { 'idempotency-key': key },
    });
  async function policy(maxIssueCount: number): Promise<string> {
    const created = await ask(ADMIN, 'POST', 'coupon-policies', {
      name: 'instances',
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
    if (created.body.status !== 'ACTIVE') await ask(ADMIN, 'POST', `admin/coupon-policies/${id}/activate`);
    return id;
  }
  const issue = (policyId: string, user: number) =>
    ask(String(user), 'POST', `coupons/policies/${policyId}/issue`, {}, `issue-${user}`);
  async function issued(policyId: string): Promise<readonly [count: number, numbers: number]> {
    const client = new pg.Client({ connectionString: on.databaseUrls.coupon });
    await client.connect();
    try {
      const { rows } = await client.query<{ count: number; numbers: number }>(
        'select count(*)::int as count, count(distinct sequence_no)::int as numbers from coupon.coupon_issues where policy_id = $1',
        [policyId],
      );
      return [rows[0]?.count ?? 0, rows[0]?.numbers ?? 0];
    } finally {
      await client.end();
    }
  }
  const readyInstances = async (context: string): Promise<number> => {
    const { text } = await call(on.gateway.url, 'GET', '/metrics');
    const found = new RegExp(`^stampede_grpc_client_instances{context="${context}",state="ready"} (\\d+)$`, 'm').exec(
      text,
    );
    return Number(found?.[1]);
  };

  test('a rolling restart of both instances of coupon under load fails no request, and the count is exact', async () => {
    await expect.poll(() => readyInstances('coupon'), { timeout: 60_000 }).toBe(2);
    const policyId = await policy(1_000_000);
    let user = 900_000;
    let isRolling = true;
    const failed: string[] = [];
    const load = Promise.all(
      Array.from({ length: 12 }, async () => {
        while (isRolling) {
          user += 1;
          const answer = await issue(policyId, user);
          if (answer.status !== 201) failed.push(`${answer.status} ${answer.text}`);
        }
      }),
    );
    const replace = async (end: () => Promise<void>, start: () => Promise<unknown>): Promise<void> => {
      const before = user;
      await expect.poll(() => user, { timeout: 60_000 }).toBeGreaterThan(before + 100);
      await end();
      await start();
      await expect.poll(() => readyInstances('coupon'), { timeout: 60_000 }).toBe(2);
    };
    await replace(
      () => on.service('coupon').end('SIGTERM'),
      () => on.restart('coupon'),
    );
    await replace(
      () => secondCoupon.end('SIGTERM'),
      () => on.startAnother('coupon'),
    );
    isRolling = false;
    await load;
    expect(failed).toEqual([]);
    const count = user - 900_000;
    expect(count).toBeGreaterThan(200);
    expect(await issued(policyId)).toEqual([count, count]);
  });

  test('a service that stops is not ready and off the list first, and serves calls until its delay has passed', async () => {
    const leaving = await on.startAnother('store', { SHUTDOWN_DELAY_MS: '60000' });
    await expect.poll(() => readyInstances('store'), { timeout: 60_000 }).toBe(2);
    leaving.signal('SIGTERM');
    await expect.poll(async () => (await call(leaving.url, 'GET', '/readyz')).status, { timeout: 60_000 }).toBe(503);
    await expect.poll(() => readyInstances('store'), { timeout: 60_000 }).toBe(1);
    expect(await health(leaving.grpcAddress)).toEqual([status.OK, NOT_SERVING]);
    expect(await health(on.service('store').grpcAddress)).toEqual([status.OK, SERVING]);
    await leaving.end('SIGKILL');
  });

  test('while point is frozen coupons are issued, and an order of that time is paid exactly once when point goes on', async () => {
    const policyId = await policy(100);
    const user = '950001';
    const product = await ask(ADMIN, 'POST', 'products', { name: 'Tea', price: 10_000, stock: 10 }, 'product');
    expect((await ask(ADMIN, 'POST', 'points/charge', { userId: user, amount: 50_000 }, 'charge')).status).toBe(201);
    const coupon = await issue(policyId, Number(user));
    const items = [{ productId: product.body.productId, quantity: 1 }];
    const placed = await ask(user, 'POST', 'orders', { items, couponId: coupon.body.couponId }, 'order');
    expect([placed.status, placed.text]).toEqual([201, expect.any(String)]);

    on.service('point').signal('SIGSTOP');
    const pay = () => ask(user, 'POST', 'payments', { orderId: placed.body.orderId, method: 'POINTS' }, 'pay');
    const whileFrozen = pay();
    const balances = mapConcurrent(Array.from({ length: 40 }), 40, () =>
      ask(user, 'GET', `points/users/${user}/balance`),
    );
    const others = await mapConcurrent(
      Array.from({ length: 60 }, (_, index) => 960_000 + index),
      8,
      (other) => issue(policyId, other),
    );
    expect(others.map(({ status }) => status)).toEqual(Array(60).fill(201));
    for (const { status, body } of await balances) expect([status, body.code]).toEqual([503, 'DEPENDENCY_UNAVAILABLE']);
    // The circuit is open: the response says when to come back, and does not wait for a deadline.
    const refused = await ask(user, 'GET', `points/users/${user}/balance`);
    expect([refused.status, refused.body.code]).toEqual([503, 'DEPENDENCY_UNAVAILABLE']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await whileFrozen;

    on.service('point').signal('SIGCONT');
    await expect.poll(async () => (await pay()).body?.order?.status, { timeout: 60_000, interval: 500 }).toBe('PAID');
    // The circuit of the gateway may still be open: the payment went through order.
    await expect
      .poll(async () => (await ask(user, 'GET', `points/users/${user}/balance`)).body, { timeout: 60_000 })
      .toMatchObject({ balance: 43_000 });
  });

  test('a process without etcd goes on, and /readyz says that etcd is away', async () => {
    const policyId = await policy(10);
    await etcd?.kill();
    await expect
      .poll(async () => (await call(on.gateway.url, 'GET', '/readyz')).body, { timeout: 60_000 })
      .toMatchObject({ status: 'ready', dependencies: { etcd: 'down', coupon: 'up' } });
    expect((await issue(policyId, 970_001)).status).toBe(201);
    await etcd?.restart('kept');
    await expect
      .poll(async () => (await call(on.gateway.url, 'GET', '/readyz')).body.dependencies.etcd, { timeout: 60_000 })
      .toBe('up');
  });
});

const [SERVING, NOT_SERVING] = [1, 2];

/** Asks for the health of a process by gRPC. Returns the status of the call, and of the process. */
function health(address: string): Promise<readonly [code: number, health: number | undefined]> {
  const client = new Client(address, credentials.createInsecure());
  const same = (bytes: Buffer) => bytes;
  return new Promise((resolve) => {
    const options = { deadline: Date.now() + 5_000 };
    const path = '/grpc.health.v1.Health/Check';
    client.makeUnaryRequest(path, same, same, Buffer.alloc(0), new Metadata(), options, (error, response) => {
      client.close();
      // Field 1, a varint.
      resolve([error?.code ?? status.OK, response?.[1]]);
    });
  });
}
