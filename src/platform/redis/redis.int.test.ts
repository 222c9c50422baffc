import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { authorityIn } from '../../../test/support/certificates.ts';
import { postgresProxy } from '../../../test/support/postgres-proxy.ts';
import { hasRedis } from '../../../test/support/redis.ts';
import {
  type RedisOptions,
  type RedisServer,
  startRedis,
  startRedisCluster,
  startRedisSentinel,
} from '../../../tools/redis/start.ts';
import { readTlsFiles } from '../read-pem.ts';
import { openRedis, type Redis, type RedisDeps } from './redis.ts';
import { parseRedisUrl } from './redis-url.ts';
import { scriptOf } from './script.ts';

const PATIENT = { timeout: 60_000, interval: 50 };
/** Sets a key and returns what it was before. */
const SWAP = scriptOf(`
  local before = redis.call('get', KEYS[1])
  redis.call('set', KEYS[1], ARGV[1])
  return before or 'none'`);

const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

interface Client extends Redis {
  /** How many commands ended so. */
  count(outcome: string): Promise<number>;
}

function open(url: string, tls?: RedisDeps['tls']): Client {
  const metrics = new Registry();
  const log = pino({ level: 'silent' });
  const redis = openRedis({ ...parseRedisUrl(url), tls, prefix: 'test:', metrics, log });
  undo.push(() => redis.close());
  return {
    ...redis,
    async count(outcome) {
      const { values } = (await metrics.getSingleMetric('stampede_redis_commands_total')?.get()) ?? { values: [] };
      return values.find(({ labels }) => labels['outcome'] === outcome)?.value ?? 0;
    },
  };
}

async function started(options?: RedisOptions): Promise<RedisServer> {
  const server = await startRedis(options);
  undo.push(server.stop);
  return server;
}

/** A busy machine may take longer than the 10 ms of a request. */
const swap = (redis: Redis, value: string, key = 'key'): Promise<unknown> => redis.run(SWAP, [key], [value], 5_000);

const stateOf = (redis: Redis): Promise<string> =>
  redis.check().then(
    () => 'up',
    () => 'down',
  );

/** Runs a script until Redis gives its result. */
const served = async (redis: Redis, key = 'key'): Promise<void> => {
  await expect.poll(() => swap(redis, '1', key), PATIENT).toBeTypeOf('string');
};

describe.skipIf(!(await hasRedis()))('a client of Redis', () => {
  it('a script runs on keys with the prefix, also after Redis was started again without its scripts', async () => {
    const server = await started();
    const redis = open(server.url);
    await served(redis);
    expect(await swap(redis, '2')).toBe('1');
    expect(await server.cli('keys', '*')).toBe('test:key');
    await server.kill();
    expect(await redis.run(SWAP, ['key'], ['3'])).toBeUndefined();
    await server.start();
    await served(redis);
    expect(await swap(redis, '2')).toBe('1');
  });

  it('a script that fails has no result, and Redis is used further', async () => {
    const server = await started();
    const redis = open(server.url);
    await served(redis);
    expect(await redis.run(scriptOf('return redis.call("nonsense")'), [], [], 5_000)).toBeUndefined();
    expect([await redis.count('failed'), await swap(redis, '2')]).toEqual([1, '1']);
  });

  it('a frozen Redis gets a few commands and then none, and is used again when it goes on', async () => {
    const server = await started();
    const redis = open(server.url);
    await served(redis);
    server.signal('SIGSTOP');
    for (let n = 0; n < 50; n++) expect(await redis.run(SWAP, ['key'], ['2'])).toBeUndefined();
    const timeouts = await redis.count('timeout');
    expect([timeouts > 0, timeouts <= 6]).toEqual([true, true]);
    expect(await redis.count('skipped')).toBeGreaterThan(40);
    await expect(redis.check()).rejects.toThrow();
    server.signal('SIGCONT');
    await served(redis);
    await expect.poll(() => stateOf(redis), PATIENT).toBe('up');
  });

  it('a connection that is silent is replaced by a new one', async () => {
    const server = await started();
    const proxy = await postgresProxy(server.url);
    undo.push(proxy.close);
    const redis = open(proxy.url);
    await served(redis);
    proxy.silence();
    expect(await redis.run(SWAP, ['key'], ['2'])).toBeUndefined();
    await served(redis);
  });

  it('TLS, a certificate and a password are needed where Redis asks for them', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'stampede-redis-tls-'));
    undo.push(() => rmSync(directory, { recursive: true, force: true }));
    const tls = authorityIn(directory, 'ca').certify('localhost');
    const files = readTlsFiles('REDIS', tls);
    const server = await started({
      tls,
      args: [
        '--user',
        'default',
        'off',
        '--user',
        'app',
        'on',
        '>secret',
        '~test:*',
        '+eval',
        '+evalsha',
        '+get',
        '+set',
        '+ping',
      ],
      cliArgs: ['--user', 'app', '--pass', 'secret'],
    });
    const url = (login: string) => `rediss://${login}@localhost:${server.port}`;
    const redis = open(url('app:secret'), files);
    await served(redis);
    const { ca = Buffer.of() } = files;
    const wrong = [open(url('app:wrong'), files), open(url('app:secret'), {}), open(url('app:secret'), { ca })];
    await expect.poll(() => swap(redis, '2'), PATIENT).toBe('2');
    for (const each of wrong) {
      await expect(each.check()).rejects.toThrow('Redis is not connected');
      expect(await each.run(SWAP, ['key'], ['2'])).toBeUndefined();
    }
  });

  it('the keys of a cluster are served while one of its masters is away, but for those of that one', async () => {
    const cluster = await startRedisCluster();
    undo.push(cluster.stop);
    const redis = open(cluster.url);
    const keys = Array.from({ length: 30 }, (_, n) => `key:{${n}}`);
    for (const key of keys) await served(redis, key);
    await cluster.servers[0]?.kill();
    const servedKeys = async (): Promise<number> => {
      let count = 0;
      for (const key of keys) count += typeof (await swap(redis, '1', key)) === 'string' ? 1 : 0;
      return count;
    };
    await expect.poll(servedKeys, PATIENT).toBeGreaterThan(10);
    expect(await servedKeys()).toBeLessThan(30);
    await expect.poll(() => stateOf(redis), PATIENT).toBe('down');
    await cluster.servers[0]?.start();
    for (const key of keys) await served(redis, key);
  });

  it('a replica that a sentinel has made the master is used', async () => {
    const sentinel = await startRedisSentinel();
    undo.push(sentinel.stop);
    const redis = open(sentinel.url);
    await served(redis);
    await sentinel.servers[0]?.kill();
    await served(redis);
    expect(await sentinel.servers[1]?.cli('get', 'test:key')).toBe('1');
  });
});
