import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { counted, openTestRedis, type TestRedis } from '../../../test/support/open-redis.ts';
import { testDatabase } from '../../../test/support/postgres.ts';
import { hasRedis } from '../../../test/support/redis.ts';
import { type RedisServer, startRedis } from '../../../tools/redis/start.ts';
import { openDatabase } from '../../platform/postgres/database.ts';
import { type LimitCounters, limitCounters } from './limit-counters.ts';
import { redisCounters } from './redis-counters.ts';
import { storeLimiter } from './store-limiter.ts';
import { take } from './take.ts';

const away = (): Promise<never> => Promise.reject(new Error('PostgreSQL is away'));
const noPostgres: LimitCounters = { count: away, read: away, set: away };

describe.skipIf(!(await hasRedis()))('limits that are counted in Redis', () => {
  let server: RedisServer;
  const nodes: TestRedis[] = [];
  const node = (number: number): TestRedis => nodes[number] ?? expect.unreachable();
  const home = testDatabase();
  let postgres: LimitCounters;
  const undo: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    server = await startRedis();
    nodes.push(await openTestRedis(server.url), await openTestRedis(server.url));
    const { url, drop } = await home;
    const database = openDatabase({ url, onError: () => {} });
    undo.push(drop, database.close);
    postgres = limitCounters(database.pool, 5_000);
  });
  afterAll(async () => {
    for (const each of nodes) each.close();
    await server?.stop();
    for (const step of undo.reverse()) await step();
  });

  const limiterOf = async (number: number, fallback: LimitCounters, name: string) =>
    storeLimiter(await redisCounters(node(number), fallback), name, 5, 60);

  it('a limit in Redis holds over two nodes, and its window ends', async () => {
    const [one, other] = [await limiterOf(0, noPostgres, 'both'), await limiterOf(1, noPostgres, 'both')];
    const taken = [];
    for (let n = 0; n < 4; n++) taken.push(await take(one, 'k'), await take(other, 'k'));
    expect(taken.map(({ left }) => left)).toEqual([4, 3, 2, 1, 0, -1, -1, -1]);
    const left = Number(await server.cli('pttl', 'limit:both:k'));
    expect([left > 50_000, left <= 60_000]).toEqual([true, true]);
    await server.cli('del', 'limit:both:k');
    expect(await take(other, 'another')).toMatchObject({ left: 4 });
  });

  it('the end of a window is that of the counter in Redis, not that of a window which would begin now', async () => {
    const limiter = await limiterOf(0, noPostgres, 'begun');
    expect((await take(limiter, 'k')).resetSeconds).toBeGreaterThan(30);
    await server.cli('pexpire', 'limit:begun:k', '30000');
    expect((await take(limiter, 'k')).resetSeconds).toBeLessThanOrEqual(30);
  });

  it('a counter that has lost its end gets a new one, so that it does not block its caller for good', async () => {
    const limiter = await limiterOf(0, noPostgres, 'endless');
    await take(limiter, 'k');
    await server.cli('persist', 'limit:endless:k');
    await take(limiter, 'k');
    expect(Number(await server.cli('pttl', 'limit:endless:k'))).toBeGreaterThan(0);
  });

  it('a counter whose end is later than that of a new window ends with a new window', async () => {
    await server.cli('set', 'limit:late:k', '1000000', 'PX', '2000000000');
    const { left, resetSeconds } = await take(await limiterOf(0, noPostgres, 'late'), 'k');
    expect([left, resetSeconds]).toEqual([-1, 60]);
    expect(Number(await server.cli('pttl', 'limit:late:k'))).toBeLessThanOrEqual(60_000);
  });

  it('a limit is counted in PostgreSQL while Redis is away, over all nodes, and by each node without both', async () => {
    await server.kill();
    const [one, other] = [await limiterOf(0, postgres, 'away'), await limiterOf(1, postgres, 'away')];
    const lefts = [];
    for (let n = 0; n < 3; n++) lefts.push((await take(one, 'k')).left, (await take(other, 'k')).left);
    expect(lefts).toEqual([4, 3, 2, 1, 0, -1]);
    const alone = await limiterOf(0, noPostgres, 'alone');
    const own = [];
    for (let n = 0; n < 6; n++) own.push((await take(alone, 'k')).left);
    expect(own).toEqual([4, 3, 2, 1, 0, -1]);
    await server.start();
    const before = await counted(node(0).metrics, 'stampede_redis_commands_total', 'outcome', 'ok');
    await expect
      .poll(
        async () => {
          await take(await limiterOf(0, postgres, 'back'), crypto.randomUUID());
          return await counted(node(0).metrics, 'stampede_redis_commands_total', 'outcome', 'ok');
        },
        { timeout: 60_000 },
      )
      .toBeGreaterThan(before);
  });
});
