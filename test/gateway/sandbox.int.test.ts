// @module-tag settings
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Server, startServer } from '../../src/app/server.ts';
import { ADMIN, call, configOf, openPolicy, type Stage, stage } from '../attacks/support.ts';

const DAY_S = 86_400;
const CLOCK = '/api/v1/sandbox/clock';
const JOBS = '/api/v1/sandbox/jobs';

let on: Stage;
let other: Server;
let client: pg.Client;
beforeAll(async () => {
  on = await stage({ sandbox: true });
  other = await startServer(configOf(on.database.url, { sandbox: true }));
  client = new pg.Client({ connectionString: on.database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await other.stop();
  await on.stop();
});

const asAdmin = () => on.token('1', 'ADMIN');
const clockOf = async (url: string) => (await call(url, 'GET', CLOCK, { token: asAdmin() })).body;
const couponStatus = async (couponId: string) =>
  (await client.query('select status from coupon.coupon_issues where id = $1', [couponId])).rows[0]?.status;

it('the sandbox clock moves the time of every node, runs what is due, and ends no session', async () => {
  const signedIn = (await on.call('POST', '/api/v1/auth/login', { json: ADMIN })).body;
  const policyId = await openPolicy(on, { validDays: 3 });
  const issued = await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token('701') });
  const couponId: string = issued.body.couponId;

  const moved = await on.call('POST', CLOCK, { token: signedIn.accessToken, json: { advanceSeconds: 5 * DAY_S } });
  expect([moved.status, moved.body.aheadSeconds]).toEqual([200, 5 * DAY_S]);
  expect(Object.keys(moved.body.ran)).toContain('coupon.expire-coupons');
  expect(await couponStatus(couponId)).toBe('EXPIRED');
  for (const url of [on.url, other.url]) {
    const { now, aheadSeconds } = await clockOf(url);
    expect(aheadSeconds).toBe(5 * DAY_S);
    expect(Date.parse(now)).toBeGreaterThan(Date.now() + 5 * DAY_S * 1_000 - 60_000);
    const path = `/api/v1/coupon-policies/${policyId}`;
    expect((await call(url, 'GET', path, {})).body.status).toBe('ENDED');
    expect((await call(url, 'GET', '/api/v1/auth/profile', { token: signedIn.accessToken })).status).toBe(200);
  }
  const renewed = await on.call('POST', '/api/v1/auth/refresh', { json: { refreshToken: signedIn.refreshToken } });
  expect(renewed.status).toBe(200);
  // What is made now is of the moved time, and works.
  const validFrom = new Date(Date.now() + 4 * DAY_S * 1_000).toISOString();
  const validUntil = new Date(Date.now() + 6 * DAY_S * 1_000).toISOString();
  const next = await openPolicy(on, { validFrom, validUntil });
  const path = `/api/v1/coupons/policies/${next}/issue`;
  expect((await call(other.url, 'POST', path, { token: on.token('702') })).status).toBe(201);
});

it('the sandbox clock moves to an instant, never back, and once for a key', async () => {
  const before = await clockOf(on.url);
  const now = new Date(Date.parse(before.now) + DAY_S * 1_000).toISOString();
  const moved = await on.call('POST', CLOCK, { token: asAdmin(), json: { now } });
  expect(moved.status).toBe(200);
  expect(Date.parse(moved.body.now)).toBeGreaterThanOrEqual(Date.parse(now));
  const back = await on.call('POST', CLOCK, { token: asAdmin(), json: { now: before.now } });
  expect([back.status, back.body.code, back.body.errors[0].field]).toEqual([400, 'VALIDATION_FAILED', 'now']);

  const once = { token: asAdmin(), json: { advanceSeconds: 60 }, headers: { 'idempotency-key': 'once' } };
  const [first, second] = [await on.call('POST', CLOCK, once), await on.call('POST', CLOCK, once)];
  expect(second.body).toEqual(first.body);
  expect((await clockOf(on.url)).aheadSeconds).toBe(first.body.aheadSeconds);
});

it.each([
  {},
  { advanceSeconds: 0 },
  { advanceSeconds: -60 },
  { advanceSeconds: 1.5 },
  { advanceSeconds: 1e12 },
  { advanceSeconds: 60, now: '2099-01-01T00:00:00Z' },
  { now: 'tomorrow' },
  { now: '2199-01-01T00:00:00Z' },
])('the sandbox clock refuses the body %j', async (json) => {
  expect((await on.call('POST', CLOCK, { token: asAdmin(), json })).status).toBe(400);
});

it('the tasks of the sandbox run when asked, and the events of before and theirs are delivered', async () => {
  const { now } = await clockOf(on.url);
  const policyId = await openPolicy(on, { validFrom: now, validUntil: '2999-01-01T00:00:00Z' });
  const token = on.token('703');
  const issued = await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token });
  const json = { couponId: issued.body.couponId, reservationId: 'held', orderAmount: 10_000 };
  expect((await on.call('POST', '/api/v1/coupons/reserve', { token, json })).status).toBe(200);
  // As if it had been reserved long ago, and no task had run since.
  const sql = "update coupon.coupon_reservations set expires_at = 'epoch' where coupon_id = $1";
  expect((await client.query(sql, [json.couponId])).rowCount).toBe(1);

  const { status, body } = await on.call('POST', JOBS, { token: asAdmin() });
  expect([status, Object.keys(body.ran).includes('coupon.end-reservations')]).toEqual([200, true]);
  const path = `/api/v1/coupon-policies/${policyId}/statistics`;
  const { byDay } = (await on.call('GET', path, { token: asAdmin() })).body;
  expect(byDay).toMatchObject([{ issued: 1, reserved: 1, released: 1 }]);
});

it.each([
  ['GET', CLOCK, undefined],
  ['POST', CLOCK, { advanceSeconds: 60 }],
  ['POST', JOBS, undefined],
])('%s %s is for administrators', async (method, path, json) => {
  for (const role of ['CUSTOMER', 'OWNER', 'SERVICE'] as const) {
    expect((await on.call(method, path, { token: on.token('9', role), json })).status).toBe(403);
  }
  expect((await on.call(method, path, { json })).status).toBe(401);
});

it.each([
  ['GET', CLOCK, undefined],
  ['POST', CLOCK, { advanceSeconds: 60 }],
  ['POST', JOBS, undefined],
])('%s %s does not exist without STAMPEDE_SANDBOX', async (method, path, json) => {
  const plain = await stage();
  expect((await plain.call(method, path, { token: asAdmin(), json })).status).toBe(404);
  await plain.stop();
});
