// @module-tag settings
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Server, startServer } from '../../src/app/server.ts';
import { DAY_MS, MINUTE_MS } from '../../src/platform/kernel/durations.ts';
import { configOf, openPolicy, type Stage, stage } from '../attacks/support.ts';

let nowMs: number;
let on: Stage;
let client: pg.Client;
beforeEach(async () => {
  nowMs = Date.now();
  on = await stage({}, { presentAt: () => nowMs });
  client = new pg.Client({ connectionString: on.database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await on.stop();
});

async function issue(policyId: string, userId: number): Promise<string> {
  const path = `/api/v1/coupons/policies/${policyId}/issue`;
  const { status, body } = await on.call('POST', path, { token: on.token(String(userId)) });
  if (status !== 201) throw new Error(`not issued: ${JSON.stringify(body)}`);
  return body.couponId;
}

async function reserve(couponId: string, userId: number): Promise<void> {
  const json = { reservationId: `r-${couponId}`, couponId, orderAmount: 10_000, orderId: `o-${couponId}` };
  const { status, text } = await on.call('POST', '/api/v1/coupons/reserve', { token: on.token(String(userId)), json });
  if (status !== 200) throw new Error(`not reserved: ${text}`);
}

const stateOf = async (couponId: string) => {
  const { rows } = await client.query<{ status: string; reservation_id: string | null; version: number }>(
    'select status, reservation_id, version from coupon.coupon_issues where id = $1',
    [couponId],
  );
  return rows[0];
};
const reservationOf = async (couponId: string) =>
  (await client.query('select status from coupon.coupon_reservations where coupon_id = $1', [couponId])).rows[0]
    ?.status;
const historyOf = async (couponId: string) =>
  (
    await client.query('select kind, reason, at from coupon.coupon_history where coupon_id = $1 order by version', [
      couponId,
    ])
  ).rows;

describe('a reservation', () => {
  it('a reservation ends when its time is over and not before, and the coupon can be reserved again', async () => {
    const couponId = await issue(await openPolicy(on), 601);
    await reserve(couponId, 601);
    nowMs += 10 * MINUTE_MS - 1;
    await on.server.runJobs();
    expect(await stateOf(couponId)).toMatchObject({ status: 'RESERVED' });
    nowMs += 1;
    await on.server.runJobs();
    expect(await stateOf(couponId)).toEqual({ status: 'ISSUED', reservation_id: null, version: 3 });
    expect(await reservationOf(couponId)).toBe('EXPIRED');
    expect((await historyOf(couponId)).at(-1)).toEqual({ kind: 'RELEASED', reason: 'TIMEOUT', at: new Date(nowMs) });
    await on.server.runJobs();
    expect(await stateOf(couponId)).toMatchObject({ version: 3 });
    const json = { reservationId: 'again', couponId, orderAmount: 10_000 };
    expect((await on.call('POST', '/api/v1/coupons/reserve', { token: on.token('601'), json })).status).toBe(200);
  });
});

describe('a coupon', () => {
  it('a coupon expires at its instant, with its event; one that is reserved waits for its reservation', async () => {
    const policyId = await openPolicy(on, { validDays: 1 });
    const free = await issue(policyId, 611);
    const held = await issue(policyId, 612);
    const { rows } = await client.query<{ expires_at: Date }>(
      'select expires_at from coupon.coupon_issues where id = $1',
      [free],
    );
    const expiresMs = rows[0]?.expires_at.getTime() ?? 0;
    nowMs = expiresMs - 5 * MINUTE_MS;
    await reserve(held, 612);
    nowMs = expiresMs - 1;
    await on.server.runJobs();
    expect(await stateOf(free)).toMatchObject({ status: 'ISSUED' });
    nowMs = expiresMs;
    await on.server.runJobs();
    expect(await stateOf(free)).toMatchObject({ status: 'EXPIRED' });
    expect(await stateOf(held)).toMatchObject({ status: 'RESERVED' });
    nowMs = expiresMs + 5 * MINUTE_MS;
    await on.server.runJobs();
    expect((await historyOf(held)).map(({ kind }) => kind)).toEqual(['RESERVED', 'RELEASED', 'EXPIRED']);
  });

  it('a coupon expires once however many nodes run the task', async () => {
    const policyId = await openPolicy(on, { validDays: 1 });
    const coupons = await Promise.all(Array.from({ length: 30 }, (_, user) => issue(policyId, 620 + user)));
    const others: Server[] = [];
    for (let node = 0; node < 2; node++) {
      others.push(await startServer(configOf(on.database.url), { presentAt: () => nowMs }));
    }
    nowMs += 3 * DAY_MS;
    await Promise.all([on.server, ...others].map((server) => server.runJobs()));
    await Promise.all(others.map((server) => server.stop()));
    const { rows } = await client.query("select coupon_id from coupon.coupon_history where kind = 'EXPIRED'");
    expect(rows.length).toBe(coupons.length);
  });
});

describe('a policy', () => {
  it('a policy opens and ends at the moment the clock is moved to', async () => {
    const policyId = await openPolicy(on, {
      validFrom: new Date(nowMs).toISOString(),
      validUntil: new Date(nowMs + DAY_MS).toISOString(),
    });
    nowMs += DAY_MS;
    await on.server.runJobs();
    const { rows } = await client.query('select status from coupon.coupon_policies where id = $1', [policyId]);
    expect(rows).toEqual([{ status: 'ENDED' }]);
  });
});
