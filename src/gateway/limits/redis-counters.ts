import { readBundled } from '../../platform/bundled-file.ts';
import type { Redis } from '../../platform/redis/redis.ts';
import { scriptOf } from '../../platform/redis/script.ts';
import type { LimitCounters } from './limit-counters.ts';

/**
 * Counts in Redis, and in `fallback` while Redis gives no result: for limits that may begin anew when Redis loses its data. What protects passwords and
 * codes is not counted here (ADR 58).
 */
export async function redisCounters(redis: Redis, fallback: LimitCounters): Promise<LimitCounters> {
  const script = scriptOf(await readBundled('gateway/limits/count-request.lua'));
  return {
    ...fallback,
    async count(counting) {
      const { key, points, expire, nowMs } = counting;
      const args = [String(points), String(Math.ceil(expire - nowMs))];
      const counted = (await redis.run(script, [`limit:${key}`], args)) as readonly [number, number] | undefined;
      if (counted === undefined) return await fallback.count(counting);
      const [pointsSoFar, leftMs] = counted;
      return { points: pointsSoFar, expire: nowMs + leftMs };
    },
  };
}
