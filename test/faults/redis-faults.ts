import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import type { RedisStand } from './redis-stand.ts';

export const FROZEN = 'SIGSTOP of Redis';

type Fault = (stand: RedisStand) => Promise<void>;

/** What may happen to Redis, each with its end. `ms`: how long it lasts. */
export const redisFaults = (ms: number): Readonly<Record<string, Fault>> => ({
  async 'kill -9 of Redis'({ redis }) {
    await redis.kill();
    await sleep(ms);
    await redis.start();
  },
  async [FROZEN]({ redis }) {
    redis.signal('SIGSTOP');
    await sleep(ms);
    redis.signal('SIGCONT');
  },
  async 'FLUSHALL, and no scripts'({ redis }) {
    await redis.cli('flushall');
    await redis.cli('script', 'flush');
  },
  async 'network without a byte to or from Redis'({ wire }) {
    wire.set('silent');
    await sleep(ms);
    wire.set('open');
  },
  'network with 5 ms to Redis': slowNetwork(5, ms),
  'network with 50 ms to Redis': slowNetwork(50, ms),
  async 'restart of Redis with old data that never expires'({ redis }) {
    for (const key of (await redis.cli('keys', '*')).split('\n')) await redis.cli('persist', key);
    await redis.cli('save');
    await sleep(ms);
    await redis.kill();
    await redis.start();
  },
  async 'Redis whose memory is full'({ redis }) {
    await redis.cli('config', 'set', 'maxmemory', '1');
    await sleep(ms);
    await redis.cli('config', 'set', 'maxmemory', '0');
  },
  async 'Redis that is made the replica of a dead master'({ redis }) {
    await redis.cli('replicaof', '127.0.0.1', String(await freePort()));
    await sleep(ms);
    await redis.cli('replicaof', 'no', 'one');
  },
  async 'password of Redis that the servers do not have'({ redis }) {
    await redis.cli('acl', 'setuser', 'default', 'resetpass', '>other');
    await redis.cli('-a', 'other', 'client', 'kill', 'type', 'normal');
    await sleep(ms);
    await redis.cli('-a', 'other', 'acl', 'setuser', 'default', 'nopass');
  },
});

/** `delayMs`: in each direction. */
const slowNetwork =
  (delayMs: number, ms: number): Fault =>
  async ({ wire }) => {
    wire.set({ delayMs: delayMs / 2 });
    await sleep(ms);
    wire.set('open');
  };
