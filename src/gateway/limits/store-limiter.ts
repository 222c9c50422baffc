import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
// The package declares this class and does not export it (11.4).
import RateLimiterStoreAbstract from 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js';
import type { Counter, LimitCounters } from './limit-counters.ts';

/** The part of a limiter that the edge uses. */
export type Limiter = Pick<RateLimiterAbstract, 'consume' | 'block' | 'get'>;

/** `points` a window of `duration` seconds for each key. While the counters are not available, this node counts by itself. */
export const storeLimiter = (counters: LimitCounters, name: string, points: number, duration: number): Limiter =>
  new StoreLimiter(counters, { points, duration, keyPrefix: name });

/**
 * The library's windows, memory block and insurance over our counters. The methods with an underscore are those that the library asks of
 * a store; that for delete is left out, because `Limiter` has no operation that calls it.
 */
class StoreLimiter extends RateLimiterStoreAbstract {
  readonly #counters: LimitCounters;

  constructor(counters: LimitCounters, window: { points: number; duration: number; keyPrefix: string }) {
    super({
      ...window,
      storeClient: counters,
      // A caller over the limit is refused from memory until the window ends: a flood does not reach PostgreSQL.
      inMemoryBlockOnConsumed: window.points + 1,
      insuranceLimiter: new RateLimiterMemory(window),
    });
    this.#counters = counters;
  }

  async _upsert(key: string, points: number, durationMs: number, overwrites: boolean): Promise<Counter> {
    const nowMs = Date.now();
    const counter = { points, expire: nowMs + durationMs };
    if (!overwrites) return this.#counters.count({ key, ...counter, nowMs });
    await this.#counters.set(key, counter);
    return counter;
  }

  _get(key: string): Promise<Counter | null> {
    return this.#counters.read(key, Date.now());
  }

  _getRateLimiterRes(_key: string, consumedNow: number, { points, expire }: Counter): RateLimiterRes {
    const left = Math.max(this.points - points, 0);
    return new RateLimiterRes(left, Math.max(expire - Date.now(), 0), points, points === consumedNow);
  }
}
