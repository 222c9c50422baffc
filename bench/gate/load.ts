import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

export interface Load {
  readonly urls: readonly string[];
  readonly seconds: number;
  /** Requests in flight over all nodes. */
  readonly concurrency: number;
  /** A second over all nodes. Undefined: as many as the nodes serve. */
  readonly rate: number | undefined;
  /** Of the next request. */
  readonly next: () => { readonly policyId: string; readonly token: string };
  /** The only status that is right. */
  readonly expected: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Responses by status that were not the expected one. */
  readonly others: Readonly<Record<number, number>>;
}

/** Sends issue requests to the nodes in turn, for some seconds. */
export async function sendLoad({ urls, seconds, concurrency, rate, next, expected }: Load): Promise<LoadResult> {
  const pools = urls.map((url) => new Pool(url, { connections: Math.ceil(concurrency / urls.length) }));
  const latencies: number[] = [];
  const others: Record<number, number> = {};
  const startedMs = performance.now();
  const untilMs = startedMs + seconds * 1_000;
  let sent = 0;

  async function client(): Promise<void> {
    while (performance.now() < untilMs) {
      const index = sent++;
      if (rate !== undefined) await sleep(Math.max(0, startedMs + (index / rate) * 1_000 - performance.now()));
      const { policyId, token } = next();
      const sentMs = performance.now();
      const { statusCode, body } = await (pools[index % pools.length] as Pool).request({
        method: 'POST',
        path: `/api/v1/coupons/policies/${policyId}/issue`,
        headers: { authorization: `Bearer ${token}` },
      });
      await body.dump();
      latencies.push(performance.now() - sentMs);
      if (statusCode !== expected) others[statusCode] = (others[statusCode] ?? 0) + 1;
    }
  }
  await Promise.all(Array.from({ length: concurrency }, client));
  const took = (performance.now() - startedMs) / 1_000;
  await Promise.all(pools.map((pool) => pool.close()));
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { requests: latencies.length, seconds: took, p50Ms: at(0.5), p99Ms: at(0.99), others };
}
