import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type RedisGroup, startRedis, startRedisCluster, startRedisSentinel } from '../../tools/redis/start.ts';
import { hasRedis } from '../support/redis.ts';
import { openRedisStand, redisFaults, startTrickle } from './redis-faults.ts';
import { rush } from './rush-faults.ts';
import { openStand, type Stand } from './stand.ts';
import { expectExact } from './verdict.ts';

const FAULT_MS = 5_000;

describe.skipIf(!(await hasRedis()))('servers that share a Redis', () => {
  const undo: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  async function expectExactThrough<On extends Stand>(stand: On, fault: (stand: On) => Promise<void>): Promise<void> {
    const options = { users: 20_000, coupons: 2_000, clients: 256, fault: () => fault(stand) };
    const trickle = await startTrickle(stand);
    const startedMs = performance.now();
    const done = await rush(stand, options);
    const seconds = (performance.now() - startedMs) / 1_000;
    process.stdout.write(
      `${expect.getState().currentTestName}: ${Math.round(options.users / seconds)} requests/s, again ${JSON.stringify(Object.fromEntries(done.again))}\n`,
    );
    await trickle.end();
    await expectExact(stand, done, options);
  }

  it.each([['no fault', async () => {}] as const, ...Object.entries(redisFaults(FAULT_MS))])(
    'a rush of 20,000 for 2,000 coupons is exact through a %s',
    async (_, fault) => {
      const stand = await openRedisStand(await startRedis());
      undo.push(stand.stop);
      await expectExactThrough(stand, fault);
    },
  );

  async function standOn(group: RedisGroup): Promise<Stand> {
    undo.push(group.stop);
    const env = { REDIS_URL: group.url, REDIS_GATE: 'on' };
    const stand = await openStand([env, env]);
    undo.push(stand.stop);
    return stand;
  }

  it('a rush of 20,000 for 2,000 coupons is exact through a failover to a replica by a sentinel', async () => {
    const group = await startRedisSentinel();
    await expectExactThrough(await standOn(group), async () => {
      await group.servers[0]?.kill();
      await sleep(FAULT_MS);
      expect(await group.servers[1]?.cli('role')).toMatch(/^master/);
    });
  });

  it('a rush of 20,000 for 2,000 coupons is exact through the death of one of three masters of a cluster', async () => {
    const group = await startRedisCluster();
    await expectExactThrough(await standOn(group), async () => {
      await group.servers[0]?.kill();
      await sleep(FAULT_MS);
      await group.servers[0]?.restart();
    });
  });
});
