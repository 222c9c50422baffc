import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { counted } from '../../test/support/open-redis.ts';
import { hasRedis } from '../../test/support/redis.ts';
import {
  ACL_OF_CLUSTERS,
  ACL_OF_SENTINELS,
  documentedAcl,
  REDIS_LOGIN,
  REDIS_PASSWORD,
  REDIS_USER,
} from '../../test/support/redis-acl.ts';
import { type RedisServer, startRedis, startRedisCluster, startRedisSentinel } from '../../tools/redis/start.ts';
import type { LimitCounters } from '../gateway/limits/limit-counters.ts';
import { redisCounters } from '../gateway/limits/redis-counters.ts';
import { openSharedFacts } from '../platform/redis/facts/shared-facts.ts';
import { openRedis } from '../platform/redis/redis.ts';
import { parseRedisUrl } from '../platform/redis/redis-url.ts';

const PATIENT = { timeout: 60_000, interval: 50 };
/** A busy machine takes longer than the 10 ms of a request. */
const PATIENCE_MS = 5_000;
const NOW_MS = 1_000_000;

const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** Runs every script of the program on the keys that it uses, as the documented user, and returns what Redis refused. */
async function refusedTo(url: string): Promise<readonly string[]> {
  const metrics = new Registry();
  const refused: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void refused.push(line) });
  const own = url.replace('://', `://${REDIS_LOGIN}@`);
  const redis = openRedis({ ...parseRedisUrl(own), tls: undefined, prefix: '', metrics, log });
  undo.push(() => redis.close());
  await expect.poll(() => redis.check().then(() => 'up', String), PATIENT).toBe('up');
  const patient = {
    ...redis,
    run: (...[script, keys, args]: Parameters<typeof redis.run>) => redis.run(script, keys, args, PATIENCE_MS),
  };
  const facts = await openSharedFacts(patient, metrics);
  const recordedAt = (at = Number.NaN) => ({ at, readAtMs: NOW_MS, epoch: 1, sequence: 1, untilMs: NOW_MS + 60_000 });
  const policy = { fact: 'coupon:stock:{1}', members: 'coupon:issued:{1}' };
  const ofPolicy = await facts.read(policy, [1n], NOW_MS);
  expect(await facts.record(policy, recordedAt(ofPolicy?.at), [[1n, '1 1']])).toBe('complete');
  expect((await facts.read(policy, [1n, 2n], NOW_MS))?.fact?.answers).toEqual(['1 1', -1]);
  await facts.forget(policy);
  const sale = { fact: 'timesale:stock:{1}' };
  const ofSale = await facts.read(sale, [], NOW_MS);
  expect(await facts.record(sale, recordedAt(ofSale?.at))).toBe('incomplete');
  expect((await facts.read(sale, [], NOW_MS))?.fact?.epoch).toBe(1);
  await facts.forget(sale);
  const counters = await redisCounters(patient, {} as LimitCounters);
  const counting = { key: 'general:u1', points: 1, expire: 60_000, nowMs: 0 };
  expect(await counters.count(counting)).toMatchObject({ points: 1 });
  expect(await counted(metrics, 'stampede_redis_commands_total', 'outcome', 'failed')).toBe(0);
  return refused;
}

describe.skipIf(!(await hasRedis()))('the user of docs/configuration.md', () => {
  async function started(): Promise<RedisServer> {
    const server = await startRedis({ args: documentedAcl() });
    undo.push(server.stop);
    return server;
  }

  it('it may do all that the program does on one server', async () => {
    expect(await refusedTo((await started()).url)).toEqual([]);
  });

  it('it may do all that the program does with a sentinel, with the rules that the text adds there', async () => {
    const rules = `user ${REDIS_USER} on >${REDIS_PASSWORD} -@all ${ACL_OF_SENTINELS}`;
    const group = await startRedisSentinel({ args: documentedAcl(), lines: [rules] });
    undo.push(group.stop);
    expect(await refusedTo(group.url)).toEqual([]);
  });

  it('it may do all that the program does in a cluster, with the commands that the text adds there', async () => {
    const group = await startRedisCluster(documentedAcl(...ACL_OF_CLUSTERS.split(' ')));
    undo.push(group.stop);
    expect(await refusedTo(group.url)).toEqual([]);
  });

  it.each([
    ['flushall'],
    ['keys', '*'],
    ['config', 'get', '*'],
    ['acl', 'list'],
    ['get', 'limit:general:u1'],
    ['del', 'session:1'],
    ['eval', "return redis.call('del', KEYS[1])", '1', 'session:1'],
  ])('it may not execute %s %s %s', async (...command) => {
    const server = await started();
    const login = ['--user', REDIS_USER, '--pass', REDIS_PASSWORD];
    expect(await server.cli(...login, ...command)).toContain('NOPERM');
  });
});
