import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis } from '../../tools/redis/start.ts';
import { hasRedis } from '../support/redis.ts';
import {
  FROZEN,
  factsFound,
  issue,
  openRedisStand,
  type RedisStand,
  redisFaults,
  setQuantity,
  startTrickle,
} from './redis-faults.ts';
import { rush } from './rush-faults.ts';
import { expectExact } from './verdict.ts';

const FAULT_MS = 1_500;
const TRUST_MS = 1_000;

describe.skipIf(!(await hasRedis()))('servers that share a Redis', () => {
  let stand: RedisStand;
  beforeAll(async () => {
    stand = await openRedisStand(await startRedis());
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

  it('requests for a sold-out policy get sold out, and holders their coupons, through every fault of Redis', async () => {
    const trickle = await startTrickle(stand);
    for (const fault of Object.values(faults)) await fault(stand);
    await trickle.end();
  }, 60_000);

  it('facts in Redis refuse a trickle of requests for a sold-out policy', async () => {
    const before = await factsFound(stand);
    const trickle = await startTrickle(stand);
    await expect.poll(() => factsFound(stand), { timeout: 20_000 }).toBeGreaterThan(before + 2);
    await trickle.end();
  });

  it('stock that is added is issued a second later, though Redis comes back with the facts of before', async () => {
    const { policyId, end } = await startTrickle(stand);
    await expect.poll(() => stand.redis.cli('exists', `coupon:stock:{${policyId}}`), { timeout: 20_000 }).toBe('1');
    await stand.redis.cli('persist', `coupon:stock:{${policyId}}`);
    await stand.redis.cli('save');
    await end();
    await setQuantity(stand, policyId, 100);
    const addedAtMs = performance.now();
    await stand.redis.kill();
    await stand.redis.restart();
    expect(await stand.redis.cli('exists', `coupon:stock:{${policyId}}`)).toBe('1');
    await sleep(TRUST_MS - (performance.now() - addedAtMs));
    for (let user = 1_000; user < 1_020; user++) {
      expect(await issue(stand, user % 2, policyId, user)).toMatchObject({ status: 201 });
      await sleep(50);
    }
  });
});
