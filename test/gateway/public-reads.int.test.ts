// The cache of public reads: who shares a body, for how long, and what is shown while PostgreSQL is away.
// @module-tag settings
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from '../../src/app/server.ts';
import { validFor } from '../../src/platform/http/access-token.ts';
import {
  call,
  configOf,
  openPolicy,
  policyBody,
  type Stage,
  stage,
  storeOf,
  testUsers,
  until,
} from '../attacks/support.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { openWire, type TcpWire } from '../support/tcp-wire.ts';

const testUser = testUsers();
const setQuantity = (on: Pick<Stage, 'call' | 'token'>, policyId: string, newMaxIssueCount: number) =>
  on.call('PATCH', `/api/v1/coupon-policies/${policyId}/remaining-quantity`, {
    token: on.token(testUser(1), 'ADMIN'),
    json: { newMaxIssueCount, modifiedBy: 'jane', reason: 'more' },
  });

describe('public reads that may be a minute old', () => {
  let on: Stage;
  beforeAll(async () => {
    on = await stage({ publicReadMaxAgeSeconds: 60, corsOrigins: ['https://shop.example.com'] });
  });
  afterAll(() => on?.stop());

  const get = (path: string, token?: string) => on.call('GET', `/api/v1/${path}`, token === undefined ? {} : { token });
  const customer = (n: number) => on.token(testUser(n));

  it('a customer and a caller without a credential share a body, and a manager reads the present one', async () => {
    const policyId = await openPolicy(on);
    const path = `coupon-policies/${policyId}`;
    const before = await get(path);
    expect((await setQuantity(on, policyId, 500)).status).toBe(200);
    expect((await get(path)).text).toBe(before.text);
    expect((await get(path, customer(2))).text).toBe(before.text);
    const manager = on.token(testUser(1), 'ADMIN');
    expect((await get(path, manager)).body.maxIssueCount).toBe(500);
    expect((await get(`coupon-policies?status=ACTIVE`, manager)).body.policies[0].maxIssueCount).toBe(500);
  });

  it('a body that a manager has read is shown to managers only', async () => {
    const policyId = await openPolicy(on, { code: 'HIDDEN-CODE', distributionType: 'CODE' });
    const codeFor = async (token?: string) => (await get(`coupon-policies/${policyId}`, token)).body.code ?? null;
    expect(await codeFor(on.token(testUser(1), 'ADMIN'))).toBe('HIDDEN-CODE');
    expect([await codeFor(), await codeFor(customer(2))]).toEqual([null, null]);
  });

  it('a store that is not open is shown to its staff, and missing for others after that', async () => {
    const owner = on.token(testUser(3), 'OWNER');
    const storeId = await storeOf(on, testUser(3));
    await on.call('PUT', `/api/v1/stores/${storeId}/staff/${testUser(4)}`, { token: owner });
    await on.call('PATCH', `/api/v1/stores/${storeId}`, { token: owner, json: { status: 'CLOSED' } });
    const status = async (path: string, token?: string) => (await get(path, token)).status;
    for (const path of [`stores/${storeId}`, `stores/${storeId}/coupon-policies`]) {
      const seen = [
        await status(path),
        await status(path, customer(4)),
        await status(path),
        await status(path, customer(2)),
      ];
      expect(seen).toEqual([404, 200, 404, 404]);
    }
  });

  it('caches between this server and callers without a credential get the age, and keep bodies apart from those of others', async () => {
    await openPolicy(on);
    const { headers } = await get('coupon-policies?limit=1');
    expect(headers.get('cache-control')).toBe('public, max-age=60');
    // Rounded up: no body arrives in less than no time.
    expect(Number(headers.get('age'))).toBeGreaterThanOrEqual(1);
    expect(headers.get('vary')).toBe('origin, authorization, x-api-key');
    for (const refused of ['coupon-policies/1', 'coupon-policies?limit=1000', 'no-such-route'])
      expect((await get(refused)).headers.get('cache-control')).toBe('no-store');
    const own = (await get('coupon-policies?limit=1', customer(2))).headers;
    expect([own.get('cache-control'), own.get('age')]).toEqual(['no-store', null]);
  });

  it('a query that is not valid is refused each time', async () => {
    for (let n = 0; n < 2; n++) expect((await get('coupon-policies?limit=1000')).status).toBe(400);
    for (let n = 0; n < 2; n++) expect((await get('coupon-policies?limit=1&x=1')).status).toBe(400);
  });
});

describe('public reads that may be a second old', () => {
  let on: Stage;
  beforeAll(async () => {
    on = await stage({ publicReadMaxAgeSeconds: 1 });
  });
  afterAll(() => on?.stop());

  it('no read shows less than what was changed a second before it was sent, while changes race reads', async () => {
    const policyId = await openPolicy(on);
    const changes: { readonly quantity: number; readonly doneMs: number }[] = [];
    const reads: { readonly quantity: number; readonly sentMs: number }[] = [];
    let isChanging = true;
    const readers = Array.from({ length: 4 }, async () => {
      while (isChanging) {
        const sentMs = performance.now();
        const { body } = await on.call('GET', `/api/v1/coupon-policies/${policyId}`);
        reads.push({ quantity: body.maxIssueCount, sentMs });
        await sleep(5);
      }
    });
    for (let quantity = 1_001; quantity <= 1_020; quantity++) {
      expect((await setQuantity(on, policyId, quantity)).status).toBe(200);
      changes.push({ quantity, doneMs: performance.now() });
      await sleep(50);
    }
    isChanging = false;
    await Promise.all(readers);
    const old = reads.filter(({ quantity, sentMs }) => {
      const known = changes.findLast(({ doneMs }) => doneMs <= sentMs - 1_000);
      return known !== undefined && quantity < known.quantity;
    });
    expect(old).toEqual([]);
    expect(new Set(reads.map(({ quantity }) => quantity)).size).toBeGreaterThan(1);
  });
});

describe('public reads while PostgreSQL is away', () => {
  let database: TestDatabase;
  let wire: TcpWire;
  let server: Server;
  beforeAll(async () => {
    database = await testDatabase();
    const url = new URL(database.url);
    wire = await openWire(Number(url.port));
    url.hostname = '127.0.0.1';
    url.port = String(wire.port);
    server = await startServer(configOf(url.href, { publicReadMaxAgeSeconds: 1 }));
  });
  afterAll(async () => {
    wire?.set('open');
    await server?.stop();
    await wire?.close();
    await database?.drop();
  });

  it('a body that was read before is shown with its age, others are refused, and the present one is shown afterwards', async () => {
    const on = {
      call: (...[method, path, options]: Parameters<Stage['call']>) => call(server.url, method, path, options),
      token: (sub: string) => server.tokens.sign({ sub, role: 'ADMIN', ...validFor(900, Date.now()) }),
    };
    const created = await on.call('POST', '/api/v1/coupon-policies', { token: on.token('1'), json: policyBody() });
    expect(created.status, created.text).toBe(201);
    const policyId: string = created.body.couponPolicyId;
    const read = () => on.call('GET', `/api/v1/coupon-policies/${policyId}`);
    const first = await read();
    wire.set('silent');
    await until(async () => Number((await read()).headers.get('age')) > 1);
    const stale = await read();
    expect([stale.status, stale.text]).toEqual([200, first.text]);
    expect((await on.call('GET', '/api/v1/coupon-policies/1')).status).toBe(503);
    wire.set('open');
    await until(async () => (await setQuantity(on, policyId, 777)).status === 200);
    await until(async () => (await read()).body.maxIssueCount === 777);
  });
});
