import type pg from 'pg';
import { afterAll, expect, it } from 'vitest';
import { testDatabase } from '../../../test/support/postgres.ts';
import { openDatabase } from '../../platform/postgres/database.ts';
import { limitCounters } from './limit-counters.ts';
import { storeLimiter } from './store-limiter.ts';
import { take } from './take.ts';

const home = await testDatabase();
const database = openDatabase({ url: home.url, onError: () => {} });
afterAll(async () => {
  await database.close();
  await home.drop();
});

let statements = 0;
const pool = {
  query: (query: pg.QueryConfig) => {
    statements += 1;
    return database.pool.query(query);
  },
} as Pick<pg.Pool, 'query'>;
const limiter = storeLimiter(limitCounters(pool, 1_000), 'test', 50, 60);

it('a limit counts concurrent requests in a few statements, with the same result as one by one', async () => {
  const taken = await Promise.all(
    Array.from({ length: 300 }, async (_, n) => ({ key: `k${n % 3}`, ...(await take(limiter, `k${n % 3}`)) })),
  );
  expect(statements).toBeLessThan(10);
  for (const key of ['k0', 'k1', 'k2']) {
    const lefts = taken.filter((one) => one.key === key).map(({ left }) => left);
    expect(lefts.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, n) => 49 - n));
    expect(lefts.slice(50)).toEqual(Array(50).fill(-1));
  }
});

it('a limit starts a new window after the end of one', async () => {
  await take(limiter, 'late');
  await database.pool.query(`update platform.rate_limits set expire = 1 where key like '%late'`);
  const { consumed, left, resetSeconds } = await take(limiter, 'late');
  expect([consumed, left, resetSeconds > 55]).toEqual([1, 49, true]);
});

it('a limit blocks a key for longer than its window', async () => {
  await take(limiter, 'blocked');
  await limiter.block('blocked', 3_600);
  expect(await limiter.get('blocked')).toMatchObject({ consumedPoints: 51 });
  expect(await limiter.get('never counted')).toBeNull();
  const { consumed, left, resetSeconds } = await take(limiter, 'blocked');
  expect([consumed, left, resetSeconds > 3_500]).toEqual([52, -1, true]);
});

it('a limit counts on this node while PostgreSQL is not available', async () => {
  const away = storeLimiter(
    {
      count: () => Promise.reject(new Error('away')),
      read: () => Promise.reject(new Error('away')),
      set: () => Promise.reject(new Error('away')),
    },
    'away',
    2,
    60,
  );
  const lefts = [];
  for (let request = 0; request < 4; request++) lefts.push((await take(away, 'k')).left);
  expect(lefts).toEqual([1, 0, -1, -1]);
  await away.block('other', 60);
  expect((await take(away, 'other')).left).toBe(-1);
});
