import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis } from '../../tools/redis/start.ts';
import { hasRedis } from '../support/redis.ts';
import { FROZEN, redisFaults } from './redis-faults.ts';
import { openRedisStand, type RedisStand } from './redis-stand.ts';
import { factsFound, issue, setQuantity, startTrickle, TRUST_MS, TURN_MS } from './redis-trickle.ts';
import { type RetryingClient, retryingClient } from './retrying-client.ts';
import { rush, token } from './rush-faults.ts';
import { expectExact } from './verdict.ts';

const FAULT_MS = 1_500;

describe.skipIf(!(await hasRedis()))('servers that share a Redis', () => {
  let stand: RedisStand;
  beforeAll(async () => {
    stand = await openRedisStand({ redis: await startRedis() });
  });
  afterAll(() => stand?.stop());

  const faults = redisFaults(FAULT_MS);

  it('a rush is exact and no request fails through a SIGSTOP of Redis', async () => {
    const fault = faults[FROZEN] ?? expect.unreachable();
    const options = { users: 600, coupons: 300, clients: 48, fault: () => fault(stand) };
    const done = await rush(stand, options);
    expect(done.again.size).toBe(0);
    await expectExact(stand, done, options);
  });

  it('requests for a sold-out policy get sold out, holders their coupons, and stock that is added is issued, through every fault of Redis', async () => {
    const trickle = await startTrickle(stand);
    for (const fault of Object.values(faults)) await fault(stand);
    await trickle.end();
  });

  it('requests of a user are counted in Redis over both servers, and in PostgreSQL while it is away', async () => {
    const limitHeaders = async (node: 0 | 1): Promise<readonly number[]> => {
      const { headers, body } = await request(`${stand.nodes[node].url()}/api/v1/coupon-policies`, {
        headers: { authorization: `Bearer ${token('4711')}` },
      });
      await body.dump();
      return /r=(\d+);/.exec(String(headers['ratelimit']))?.slice(1).map(Number) ?? [];
    };
    const counter = async (): Promise<number> => Number(await stand.redis.cli('get', 'limit:general:u4711'));
    // Both servers connect again after the faults.
    await expect
      .poll(
        async () => {
          const before = await counter();
          await limitHeaders(0);
          await limitHeaders(1);
          return (await counter()) - before;
        },
        { timeout: 60_000 },
      )
      .toBe(2);
    const [first = Number.NaN] = await limitHeaders(0);
    expect(await limitHeaders(1)).toEqual([first - 1]);
    await stand.redis.kill();
    const [without = Number.NaN] = await limitHeaders(0);
    expect(await limitHeaders(1)).toEqual([without - 1]);
    await stand.redis.start();
  });

  it('facts in Redis refuse a trickle of requests for a sold-out policy', async () => {
    const before = await factsFound(stand);
    const trickle = await startTrickle(stand);
    await expect.poll(() => factsFound(stand), { timeout: 60_000 }).toBeGreaterThan(before + 2);
    await trickle.end();
  });

  it('stock that is added is issued a second later, though Redis comes back with the facts of before', async () => {
    const { policyId, end } = await startTrickle(stand, { isRestocked: false });
    await expect.poll(() => stand.redis.cli('exists', `coupon:stock:{${policyId}}`), { timeout: 60_000 }).toBe('1');
    await stand.redis.cli('persist', `coupon:stock:{${policyId}}`);
    await stand.redis.cli('save');
    await end();
    await setQuantity(stand, policyId, 100);
    const addedAtMs = performance.now();
    await stand.redis.kill();
    await stand.redis.start();
    expect(await stand.redis.cli('exists', `coupon:stock:{${policyId}}`)).toBe('1');
    await sleep(TRUST_MS - (performance.now() - addedAtMs));
    for (let user = 1_000; user < 1_020; user++) {
      expect(await issue(stand, user % 2, policyId, user)).toMatchObject({ status: 201 });
      await sleep(50);
    }
  });

  it('facts in Redis refuse orders at a sold-out time sale, and a unit that comes back is sold a second later', async () => {
    const client = retryingClient({ ...stand, urls: () => stand.nodes.map((node) => node.url()) }, { connections: 4 });
    try {
      const order = await startTimeSale(client);
      const place = async (user: number) =>
        await client.send({ user: String(user), path: 'orders', json: order, key: `order of ${user}` });
      const bought = [await place(9_001), await place(9_002)];
      expect(bought.map(({ status }) => status)).toEqual([201, 201]);
      let user = 10_000;
      const before = await factsFound(stand);
      await expect
        .poll(
          async () => {
            expect((await place(user++)).body.code).toBe('OUT_OF_STOCK');
            return await factsFound(stand);
          },
          { timeout: 60_000, interval: TURN_MS },
        )
        .toBeGreaterThan(before + 3);
      // A buyer's repeat gets their order, whatever the facts say.
      expect((await place(9_002)).body.orderId).toBe(bought[1]?.body.orderId);
      const path = `orders/${bought[0]?.body.orderId}/cancel`;
      expect((await client.send({ user: '9001', path, json: {}, key: 'cancel' })).status).toBe(200);
      await sleep(TRUST_MS);
      expect((await place(user)).status).toBe(201);
    } finally {
      await client.close();
    }
  });
});

/** A time sale of two units, for orders that are never paid. */
async function startTimeSale(client: RetryingClient): Promise<{ readonly items: readonly object[] }> {
  const post = async (path: string, json: Readonly<Record<string, unknown>>) => {
    const { status, body } = await client.send({ user: '1', role: 'ADMIN', path, json, key: crypto.randomUUID() });
    expect(status, JSON.stringify(body)).toBe(201);
    return body;
  };
  const { productId } = await post('products', { name: 'Mug', description: 'blue', price: 7_000, stock: 10 });
  const { timeSaleId } = await post('time-sales', {
    productId,
    salePrice: 5_000,
    quantity: 2,
    limitPerUser: 1,
    startsAt: new Date(Date.now() - 60_000).toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
  });
  return { items: [{ productId, timeSaleId, quantity: 1 }] };
}
