import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { readTlsFiles } from '../platform/read-pem.ts';
import type { SharedFacts } from '../platform/redis/facts/shared-facts.ts';
import type { Redis } from '../platform/redis/redis.ts';
import type { RedisSettings } from '../platform/redis/settings.ts';

/** The client is loaded only with REDIS_URL. @throws StartError when a file cannot be read */
export async function openRedisOf(
  settings: RedisSettings,
  deps: { readonly metrics: Registry; readonly log: Logger },
): Promise<Redis> {
  const { openRedis } = await import('../platform/redis/redis.ts');
  const tls = settings.isEncrypted ? readTlsFiles('REDIS', settings.tls) : undefined;
  return openRedis({ ...settings, tls, ...deps });
}

export async function openSharedFactsOf(redis: Redis, metrics: Registry): Promise<SharedFacts> {
  const { openSharedFacts } = await import('../platform/redis/facts/shared-facts.ts');
  return await openSharedFacts(redis, metrics);
}
