// @module-tag settings
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from '../../src/app/server.ts';
import { call, configOf, LIMITS, openPolicy, type Stage, stage } from './support.ts';

const SETTINGS = { rateLimit: true, limits: { ...LIMITS, principal: 20, address: 20 } };
let on: Stage;
let other: Server;
beforeAll(async () => {
  on = await stage(SETTINGS);
  other = await startServer(configOf(on.database.url, SETTINGS));
});
afterAll(async () => {
  await other.stop();
  await on.stop();
});

const list = (base: string, userId: string, headers: Record<string, string> = {}) =>
  call(base, 'GET', `/api/v1/coupons/users/${userId}`, { token: on.token(userId), headers });

describe('limits', () => {
  it('a response has RateLimit headers, and a request above the limit is refused with Retry-After', async () => {
    const first = await list(on.url, '461');
    expect(first.headers.get('ratelimit-policy')).toBe('"default";q=20;w=60');
    expect(first.headers.get('ratelimit')).toMatch(/^"default";r=19;t=\d+$/);
    for (let count = 0; count < 19; count++) await list(on.url, '461');
    const over = await list(on.url, '461');
    expect([over.status, over.body.code, Number(over.headers.get('retry-after')) > 0]).toEqual([
      429,
      'RATE_LIMITED',
      true,
    ]);
    expect((await list(on.url, '462')).status).toBe(200);
  });

  it('one request a second of a user is admitted over all time sales, and counts for no other limit', async () => {
    const order = (userId: string, timeSaleId: number) =>
      call(on.url, 'POST', `/api/v1/time-sales/${timeSaleId}/orders`, {
        token: on.token(userId),
        headers: { 'idempotency-key': `${userId} ${timeSaleId}` },
        json: { quantity: 1 },
      });
    const answers = await Promise.all(['463', '463', '464'].map((userId) => order(userId, 1)));
    expect(answers.map(({ status }) => status).sort()).toEqual([404, 404, 429]);
    const over = answers.find(({ status }) => status === 429);
    expect([over?.body.code, over?.headers.get('retry-after')]).toEqual(['RATE_LIMITED', '1']);
    const guesses = await Promise.all(Array.from({ length: 25 }, (_, sale) => order('465', sale + 1)));
    expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([404, 429]));
    expect((await list(on.url, '465')).status).toBe(200);
  });

  it('docs/attacks.md 46: a forged X-Forwarded-For counts for the same client', async () => {
    const ask = (count: number) =>
      call(on.url, 'GET', '/api/v1/coupon-policies', {
        headers: {
          'x-forwarded-for': `10.0.0.${count}`,
          forwarded: `for=10.0.0.${count}`,
          'x-real-ip': `10.0.0.${count}`,
        },
      });
    const statuses: number[] = [];
    for (let count = 0; count < 22; count++) statuses.push((await ask(count)).status);
    expect([statuses.filter((status) => status === 200).length, statuses.at(-1)]).toEqual([20, 429]);
  });

  it('docs/attacks.md 47: a limit holds across nodes', async () => {
    const statuses: number[] = [];
    for (let count = 0; count < 12; count++) {
      statuses.push((await list(on.url, '471')).status, (await list(other.url, '471')).status);
    }
    expect(statuses.filter((status) => status === 200).length).toBe(20);
  });

  it('concurrent requests are counted exactly, on both nodes', async () => {
    const ask = (n: number) => list(n % 2 === 0 ? on.url : other.url, n % 3 === 0 ? '472' : '473');
    const statuses = await Promise.all(
      Array.from({ length: 90 }, async (_, n) => [n % 3 === 0, (await ask(n)).status]),
    );
    const served = (first: boolean) => statuses.filter(([is, status]) => is === first && status === 200).length;
    expect([served(true), served(false)]).toEqual([20, 20]);
  });

  it('docs/attacks.md 48: a node counts alone while the store of the counters is unavailable', async () => {
    const alone = await stage(SETTINGS);
    const { default: pg } = await import('pg');
    const admin = new pg.Client({ connectionString: alone.database.url });
    await admin.connect();
    await admin.query('alter table platform.rate_limits rename to gone');
    await admin.end();
    const statuses: number[] = [];
    for (let count = 0; count < 22; count++) statuses.push((await list(alone.server.url, '481')).status);
    expect([statuses.filter((status) => status === 200).length, statuses.at(-1)]).toEqual([20, 429]);
    await alone.stop();
  });

  it('docs/attacks.md 49: a page size beyond the largest is refused', async () => {
    for (const limit of ['1000000000', '101', '0', '1e2', '+5', ' 5']) {
      const answer = await call(on.url, 'GET', `/api/v1/coupons/users/491?limit=${encodeURIComponent(limit)}`, {
        token: on.token('491'),
      });
      expect([limit, answer.status]).toEqual([limit, 400]);
    }
  });

  it('docs/attacks.md 69: new idempotency keys without end on a refused route are limited, and write nothing', async () => {
    const policyId = await openPolicy(on, { maxIssueCount: 1 });
    const sold = await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token('4690') });
    expect(sold.status).toBe(201);
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: on.database.url });
    await client.connect();
    const kept = async () => (await client.query('select scope, key from platform.command_results')).rowCount;
    const before = await kept();
    const attempts = async (path: string, token: string, json: object): Promise<number[]> => {
      const statuses: number[] = [];
      for (let count = 0; count < 30; count++) {
        const headers = { 'idempotency-key': `${path} ${count}` };
        statuses.push((await on.call('POST', path, { token, headers, json })).status);
      }
      return statuses;
    };
    const issued = await attempts(`/api/v1/coupons/policies/${policyId}/issue`, on.token('4691'), {});
    const body = { userId: '4692', amount: 1_000, reason: 'gift' };
    const earned = await attempts('/api/v1/points/earn', on.token('4692'), body);
    expect([issued.slice(0, 21), issued.slice(21)]).toEqual([Array(21).fill(410), Array(9).fill(429)]);
    expect([earned.slice(0, 20), earned.slice(20)]).toEqual([Array(20).fill(403), Array(10).fill(429)]);
    expect(await kept()).toBe(before);
    await client.end();
    // A repeat with one key stays exempt.
    const repeats = Array.from({ length: 30 }, () =>
      on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, {
        token: on.token('4693'),
        headers: { 'idempotency-key': 'same' },
      }),
    );
    const statuses = new Set((await Promise.all(repeats)).map(({ status, body: { code } }) => `${status} ${code}`));
    expect([...statuses].filter((said) => said.startsWith('429'))).toEqual([]);
  });

  it('issuing is exempt from the general limit', async () => {
    const policyId = await openPolicy(on);
    const token = on.token('463');
    const statuses: number[] = [];
    for (let count = 0; count < 30; count++) {
      statuses.push((await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token })).status);
    }
    expect([statuses[0], new Set(statuses.slice(1))]).toEqual([201, new Set([409])]);
  });
});
