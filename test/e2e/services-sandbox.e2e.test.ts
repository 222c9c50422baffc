import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTEXT_NAMES, type ContextName } from '../../src/app/parts.ts';
import { newFileName } from '../../src/platform/files/file-name.ts';
import { DAY_MS, HOUR_MS } from '../../src/platform/kernel/durations.ts';
import { EPOCH_MS } from '../../src/platform/kernel/ids.ts';
import { mapConcurrent } from '../../src/platform/kernel/map-concurrent.ts';
import { call } from '../attacks/support.ts';
import { testKafka } from '../support/kafka.ts';
import { openTemporaryDir } from '../support/open-temporary-dir.ts';
import { type ServiceProcesses, startServices } from '../support/services.ts';

const brokers = await testKafka();
const ADMIN = '1';
const CLOCK = 'sandbox/clock';
const DAY_S = 86_400;

describe.skipIf(brokers === undefined)('the sandbox over processes with databases of their own', () => {
  const files = openTemporaryDir('stampede-split-files-');
  let on: ServiceProcesses;
  beforeAll(async () => {
    on = await startServices(brokers ?? '', {
      STAMPEDE_SANDBOX: 'on',
      STAMPEDE_SANDBOX_PAYMENTS: 'page',
      FILES_DIRECTORY: files,
    });
  });
  afterAll(async () => {
    await on?.close();
    rmSync(files, { recursive: true, force: true });
  });

  const ask = (user: string, method: string, path: string, json?: unknown, key: string = randomUUID()) =>
    call(on.gateway.url, method, `/api/v1/${path}`, {
      token: on.token(user, user === ADMIN ? 'ADMIN' : 'CUSTOMER'),
      ...(json === undefined ? {} : { json }),
      headers: { 'idempotency-key': key },
    });
  const aheadSeconds = async (): Promise<number> => (await ask(ADMIN, 'GET', CLOCK)).body.aheadSeconds;
  const nowMs = async () => Date.now() + (await aheadSeconds()) * 1_000;
  async function rows<Row extends pg.QueryResultRow>(
    part: ContextName | 'gateway',
    text: string,
    values: unknown[] = [],
  ) {
    const client = new pg.Client({ connectionString: on.databaseUrls[part] });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }
  /** How far the time of every database is ahead, in seconds. */
  async function everywhere(): Promise<Record<string, number>> {
    const found: Record<string, number> = {};
    for (const part of [...CONTEXT_NAMES, 'gateway'] as const) {
      const [row] = await rows<{ ahead: number }>(
        part,
        'select ahead_ms::float8 / 1000 as ahead from platform.sandbox_clock',
      );
      found[part] = row?.ahead ?? 0;
    }
    return found;
  }
  const all = (seconds: number) => Object.fromEntries([...CONTEXT_NAMES, 'gateway'].map((part) => [part, seconds]));
  async function policy(): Promise<string> {
    const now = await nowMs();
    const created = await ask(ADMIN, 'POST', 'coupon-policies', {
      name: 'split',
      discountType: 'FIXED_AMOUNT',
      discountValue: 3_000,
      minimumOrderAmount: 0,
      distributionType: 'FIRST_COME',
      maxIssueCount: 1_000,
      validDays: 3,
      validFrom: new Date(now - HOUR_MS).toISOString(),
      validUntil: new Date(now + 2 * DAY_MS).toISOString(),
    });
    expect([created.status, created.text]).toEqual([201, expect.any(String)]);
    const id: string = created.body.couponPolicyId;
    if (created.body.status !== 'ACTIVE') {
      expect((await ask(ADMIN, 'POST', `admin/coupon-policies/${id}/activate`)).status).toBe(200);
    }
    return id;
  }
  async function order(user: string): Promise<string> {
    const product = await ask(ADMIN, 'POST', 'products', { name: 'Tea', price: 10_000, stock: 10 });
    const items = [{ productId: product.body.productId, quantity: 1 }];
    const placed = await ask(user, 'POST', 'orders', { items });
    expect([placed.status, placed.text]).toEqual([201, expect.any(String)]);
    return placed.body.orderId;
  }
  async function choose(url: string, outcome: string): Promise<void> {
    expect(new URL(url).origin).toBe(on.gateway.url);
    const page = await call(on.gateway.url, 'GET', new URL(url).pathname);
    expect([page.status, page.text.includes('value="APPROVE"')]).toEqual([200, true]);
    const chosen = await call(on.gateway.url, 'POST', new URL(url).pathname, { json: { outcome } });
    expect([chosen.status, chosen.text.includes('value="APPROVE"')]).toEqual([200, false]);
  }

  test('the jobs of the sandbox wait until the consumers of other processes have handled the events of before', async () => {
    const policyId = await policy();
    const users = Array.from({ length: 300 }, (_, index) => String(900_000 + index));
    const answers = await mapConcurrent(users, 32, (user) => ask(user, 'POST', `coupons/policies/${policyId}/issue`));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    const { status, body } = await ask(ADMIN, 'POST', 'sandbox/jobs');
    expect(status).toBe(200);
    for (const task of ['coupon.expire-coupons', 'point.expire', 'order.sandbox-reports', 'files.sweep']) {
      expect(Object.keys(body.ran)).toContain(task);
    }
    const issued = 'select sum(issued)::int as issued from statistics.hourly where policy_id = $1';
    expect(await rows('statistics', issued, [policyId])).toEqual([{ issued: 300 }]);
  });

  test('the time moves in the database of every process, and what is due there runs', async () => {
    const before = await aheadSeconds();
    const policyId = await policy();
    const issued = await ask('910001', 'POST', `coupons/policies/${policyId}/issue`);
    const orderId = await order('910001');
    const moved = await ask(ADMIN, 'POST', CLOCK, { advanceSeconds: 5 * DAY_S }, 'five-days');
    expect([moved.status, moved.body.aheadSeconds]).toEqual([200, before + 5 * DAY_S]);
    expect(await everywhere()).toEqual(all(before + 5 * DAY_S));
    expect((await ask('910001', 'GET', `coupons/${issued.body.couponId}`)).body.status).toBe('EXPIRED');
    expect((await ask('910001', 'GET', `orders/${orderId}`)).body.status).toBe('EXPIRED');
    const again = await ask(ADMIN, 'POST', CLOCK, { advanceSeconds: 5 * DAY_S }, 'five-days');
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await everywhere()).toEqual(all(before + 5 * DAY_S));
  });

  test('a context that is away does not follow and is named, and the repeat moves it to the time of the others', async () => {
    const before = await aheadSeconds();
    const move = () => ask(ADMIN, 'POST', CLOCK, { advanceSeconds: 60 }, 'one-minute');
    await on.service('point').end('SIGKILL');
    const refused = await move();
    expect([refused.status, refused.body.code, refused.body.contexts]).toEqual([503, 'SANDBOX_INCOMPLETE', 'point']);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await everywhere()).toEqual({ ...all(before + 60), point: before });
    const jobs = await ask(ADMIN, 'POST', 'sandbox/jobs');
    expect([jobs.status, jobs.body.code]).toEqual([503, 'SANDBOX_INCOMPLETE']);
    await on.restart('point');
    await expect.poll(async () => (await move()).status, { timeout: 60_000 }).toBe(200);
    expect(await everywhere()).toEqual(all(before + 60));
  });

  test('a payment is approved on the page that the gateway shows for the process of orders', async () => {
    const orderId = await order('920001');
    const begun = await ask('920001', 'POST', 'payments', { orderId, method: 'EXTERNAL' });
    expect([begun.status, begun.body.status]).toEqual([201, 'PENDING']);
    await choose(begun.body.providerUrl, 'APPROVE');
    await expect
      .poll(async () => (await ask('920001', 'GET', `orders/${orderId}`)).body.status, { timeout: 60_000 })
      .toBe('PAID');
    expect((await call(on.gateway.url, 'GET', '/sandbox/payments/unknown')).status).toBe(404);
  });

  test('a customer pays for points at the sandbox in another process, and a declined charge gives none', async () => {
    const user = '930001';
    const charge = async (outcome: string, status: string) => {
      const begun = await ask(user, 'POST', 'points/charge', { amount: 5_000 });
      expect([begun.status, begun.body.status]).toEqual([201, 'PENDING']);
      await choose(begun.body.providerUrl, outcome);
      const path = `points/charges/${begun.body.chargeId}`;
      await expect.poll(async () => (await ask(user, 'GET', path)).body.status, { timeout: 60_000 }).toBe(status);
    };
    await charge('APPROVE_TWICE', 'COMPLETED');
    await charge('DECLINE', 'FAILED');
    expect((await ask(user, 'GET', `points/users/${user}/balance`)).body).toMatchObject({ balance: 5_000 });
  });

  test('files that no context names are removed', async () => {
    const signup = { email: 'files@example.com', password: 'correct horse battery', name: 'Files' };
    expect((await call(on.gateway.url, 'POST', '/api/v1/auth/signup', { json: signup })).status).toBe(201);
    const oldId = BigInt(Date.now() - 3 * DAY_MS - EPOCH_MS) << 22n;
    const nameOf = (n: bigint) => newFileName(oldId + n, Buffer.from('old'));
    const [ofUser, ofStore, orphan] = [nameOf(1n), nameOf(2n), nameOf(3n)];
    mkdirSync(files, { recursive: true });
    for (const name of [ofUser, ofStore, orphan]) writeFileSync(join(files, name), 'old');
    await rows('identity', 'update identity.users set profile_image_file = $1 where email = $2', [
      ofUser,
      signup.email,
    ]);
    await rows('store', STORE, [ofStore]);
    expect((await ask(ADMIN, 'POST', 'sandbox/jobs')).body.ran['files.sweep']).toBe(1);
    expect(readdirSync(files).sort()).toEqual(['.stampede-files', ofUser, ofStore].sort());
  });
});

const STORE = `
  insert into store.stores (id, owner_id, name, category, description, address, images, image_files, opening_hours, status, version,
    created_at, updated_at)
  values (1, 1, 'Files', 'CAFE', '', 'Here', '{}', array[$1], '[]', 'OPEN', 1, now(), now())`;
