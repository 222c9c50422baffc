import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { LimitCounters } from '../../src/gateway/limits/limit-counters.ts';
import { redisCounters } from '../../src/gateway/limits/redis-counters.ts';
import { openSharedFacts } from '../../src/platform/redis/facts/shared-facts.ts';
import { startRedis } from '../../tools/redis/start.ts';
import { openTestRedis } from '../support/open-redis.ts';
import { hasRedis } from '../support/redis.ts';

const TRUST_MS = 60_000;
const away = (): Promise<never> => Promise.reject(new Error('counted in PostgreSQL'));
const noPostgres: LimitCounters = { count: away, read: away, set: away };

it.skipIf(!(await hasRedis()))(
  'the user of Redis that docs/configuration.md shows may do all that the program does',
  async () => {
    const [, rules = ''] =
      /^user stampede on >PASSWORD (.+)$/m.exec(readFileSync('docs/configuration.md', 'utf8')) ?? [];
    const server = await startRedis({
      args: ['--user', 'default', 'off', '--user', 'stampede', 'on', '>PASSWORD', ...rules.split(' ')],
      cliArgs: ['--user', 'stampede', '--pass', 'PASSWORD'],
    });
    const redis = await openTestRedis(server.url.replace('//', '//stampede:PASSWORD@'));
    try {
      const facts = await openSharedFacts(redis, redis.metrics, TRUST_MS);
      for (const keys of [
        { fact: 'coupon:stock:{1}', members: 'coupon:issued:{1}' },
        { fact: 'timesale:stock:{1}', members: 'timesale:buyers:{1}' },
      ]) {
        const { at } = (await facts.read(keys, [7n], 1)) ?? expect.unreachable();
        const fact = { at, readAtMs: 1, epoch: 1, sequence: 1, untilMs: 2 * TRUST_MS };
        expect(await facts.record(keys, fact, [[7n, '1 1']])).toBe('complete');
        expect((await facts.read(keys, [7n, 8n], 1))?.fact?.answers).toEqual(['1 1', -1]);
        await facts.forget(keys);
        expect(await facts.read(keys, [7n], 1)).toMatchObject({ fact: undefined });
      }
      const counters = await redisCounters(redis, noPostgres);
      const counting = { key: 'general:u1', points: 1, nowMs: 1, expire: 60_001 };
      expect(await counters.count(counting)).toMatchObject({ points: 1 });
      expect(await server.cli('set', 'other', '1')).toContain('no permissions');
    } finally {
      redis.close();
      await server.stop();
    }
  },
);
