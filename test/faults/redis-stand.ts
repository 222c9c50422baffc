import { rmSync } from 'node:fs';
import type { RedisServer } from '../../tools/redis/start.ts';
import { startRedis } from '../../tools/redis/start.ts';
import { authorityIn } from '../support/certificates.ts';
import { openTemporaryDir } from '../support/open-temporary-dir.ts';
import { documentedAcl, REDIS_LOGIN } from '../support/redis-acl.ts';
import { openWire, type TcpWire } from '../support/tcp-wire.ts';
import { openStand, type Stand } from './stand.ts';

/** Two servers that share a Redis through a proxy. */
export interface RedisStand extends Stand {
  readonly redis: RedisServer;
  readonly wire: TcpWire;
}

export interface RedisOfStand {
  readonly redis: RedisServer;
  /** REDIS_URL without its port. */
  readonly address?: string;
  /** Settings of both servers beside REDIS_URL and REDIS_GATE. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The servers share their facts. The stand owns the given Redis, and stops it. */
export async function openRedisStand({
  redis,
  address = 'redis://127.0.0.1',
  env = {},
}: RedisOfStand): Promise<RedisStand> {
  const wire = await openWire(redis.port);
  const own = { ...env, REDIS_URL: `${address}:${wire.port}`, REDIS_GATE: 'on' };
  const stopRedis = async (): Promise<void> => {
    await wire.close();
    await redis.stop();
  };
  const stand = await openStand([own, own]).catch(async (error: unknown) => {
    await stopRedis();
    throw error;
  });
  return {
    ...stand,
    redis,
    wire,
    async stop() {
      await stand.stop();
      await stopRedis();
    },
  };
}

/** The same with TLS, certificates on both sides, and the user of docs/configuration.md instead of a default one. */
export async function openSecuredRedisStand(): Promise<RedisStand> {
  const directory = openTemporaryDir('stampede-redis-tls-');
  const tls = authorityIn(directory, 'ca').certify('localhost');
  const admin = ['--user', 'admin', 'on', '>admin', '~*', '&*', '+@all'];
  const redis = await startRedis({
    tls,
    args: ['--user', 'default', 'off', ...admin, ...documentedAcl()],
    cliArgs: ['--user', 'admin', '--pass', 'admin'],
  });
  const env = { REDIS_CA: tls.ca, REDIS_CERT: tls.cert, REDIS_KEY: tls.key };
  const stand = await openRedisStand({ redis, address: `rediss://${REDIS_LOGIN}@localhost`, env });
  return {
    ...stand,
    async stop() {
      await stand.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
