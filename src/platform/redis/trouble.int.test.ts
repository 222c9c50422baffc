import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { counted } from '../../../test/support/open-redis.ts';
import { hasRedis } from '../../../test/support/redis.ts';
import { openWire, type TcpWire } from '../../../test/support/tcp-wire.ts';
import { type RedisServer, startRedis } from '../../../tools/redis/start.ts';
import { openRedis, type Redis } from './redis.ts';
import { parseRedisUrl } from './redis-url.ts';
import { scriptOf } from './script.ts';

const PATIENT = { timeout: 60_000, interval: 50 };
/** A busy machine takes longer than the 10 ms of a request. */
const PATIENCE_MS = 5_000;
const SET = scriptOf(`return redis.call('set', KEYS[1], ARGV[1])`);

interface Client extends Redis {
  /** How many commands ended so. */
  count(outcome: string): Promise<number>;
  /** What was logged, a line each. */
  readonly logged: readonly string[];
  set(withinMs?: number): Promise<unknown>;
}

function open(url: string): Client {
  const metrics = new Registry();
  const logged: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) });
  const redis = openRedis({ ...parseRedisUrl(url), tls: undefined, prefix: '', metrics, log });
  return {
    ...redis,
    logged,
    count: (outcome) => counted(metrics, 'stampede_redis_commands_total', 'outcome', outcome),
    set: (withinMs) => redis.run(SET, ['key'], ['1'], withinMs),
  };
}

/** Runs commands until Redis executes one. */
const served = (redis: Client) => expect.poll(() => redis.set(PATIENCE_MS), PATIENT).toBe('OK');

describe.skipIf(!(await hasRedis()))('a Redis in trouble', () => {
  let server: RedisServer;
  let wire: TcpWire;
  let redis: Client;
  beforeAll(async () => {
    server = await startRedis();
    wire = await openWire(server.port);
    redis = open(`redis://127.0.0.1:${wire.port}`);
  });
  afterAll(async () => {
    redis?.close();
    await wire?.close();
    await server?.stop();
  });
  afterEach(() => wire.set('open'));

  it('a server that takes 50 ms for each command gets a few of 40, and none of them has a result', async () => {
    await served(redis);
    const [timeouts, skipped] = [await redis.count('timeout'), await redis.count('skipped')];
    wire.set({ delayMs: 25 });
    for (let n = 0; n < 40; n++) expect(await redis.set()).toBeUndefined();
    const sent = (await redis.count('timeout')) - timeouts;
    expect([sent >= 5, sent <= 12]).toEqual([true, true]);
    expect((await redis.count('skipped')) - skipped).toBe(40 - sent);
  });

  it('a server that takes 50 ms for each command is used for what no request waits for', async () => {
    await served(redis);
    wire.set({ delayMs: 25 });
    await expect.poll(() => redis.set(PATIENCE_MS), PATIENT).toBe('OK');
  });

  it('a server whose memory is full fails commands at once, one line in the log says so, and it is used again when it has room', async () => {
    await served(redis);
    await server.cli('config', 'set', 'maxmemory', '1');
    const failed = await redis.count('failed');
    for (let n = 0; n < 20; n++) expect(await redis.set(PATIENCE_MS)).toBeUndefined();
    expect((await redis.count('failed')) - failed).toBe(20);
    expect(redis.logged.filter((line) => line.includes('OOM'))).toHaveLength(1);
    await server.cli('config', 'set', 'maxmemory', '0');
    await served(redis);
  });

  it('commands go to the new master when the server behind an address has become a replica', async () => {
    await served(redis);
    const master = await startRedis();
    try {
      await server.cli('replicaof', '127.0.0.1', String(master.port));
      wire.to(master.port);
      await served(redis);
      expect(await master.cli('get', 'key')).toBe('1');
    } finally {
      wire.to(server.port);
      await server.cli('replicaof', 'no', 'one');
      await master.stop();
    }
    await served(redis);
  });

  it('a server whose password is another one is away, and is used again when it has the old one', async () => {
    await served(redis);
    await server.cli('acl', 'setuser', 'default', 'resetpass', '>other');
    const asAdmin = ['-a', 'other'];
    await server.cli(...asAdmin, 'client', 'kill', 'type', 'normal');
    await expect.poll(() => redis.check().catch(String), PATIENT).toContain('not connected');
    expect(await redis.set()).toBeUndefined();
    await server.cli(...asAdmin, 'acl', 'setuser', 'default', 'nopass');
    await served(redis);
  });
});
