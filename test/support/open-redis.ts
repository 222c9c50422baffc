import { pino } from 'pino';
import { Registry } from 'prom-client';
import { vi } from 'vitest';
import { openRedis, type Redis } from '../../src/platform/redis/redis.ts';
import { parseRedisUrl } from '../../src/platform/redis/redis-url.ts';

export interface TestRedis extends Redis {
  readonly metrics: Registry;
}

/** A busy machine may take longer than the 10 ms of a request. */
const PATIENCE_MS = 5_000;

/** A client without encryption, once it is connected. Its commands wait longer than those of a server. */
export async function openTestRedis(url: string): Promise<TestRedis> {
  const metrics = new Registry();
  const redis = openRedis({
    ...parseRedisUrl(url),
    tls: undefined,
    prefix: '',
    metrics,
    log: pino({ level: 'silent' }),
  });
  await vi.waitFor(() => redis.check(), { timeout: 60_000 });
  return {
    ...redis,
    metrics,
    run: (script, keys, args, withinMs = PATIENCE_MS) => redis.run(script, keys, args, withinMs),
  };
}

/** The value of a counter with this label. */
export async function counted(metrics: Registry, name: string, label: string, value: string): Promise<number> {
  const { values } = (await metrics.getSingleMetric(name)?.get()) ?? { values: [] };
  return values.find(({ labels }) => (labels as Record<string, unknown>)[label] === value)?.value ?? 0;
}
