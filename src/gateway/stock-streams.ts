import type { ServerResponse } from 'node:http';
import type { CouponService, Stock } from '../gen/stampede/coupon/v1/coupon.ts';
import { ProblemError } from './problem.ts';

const POLL_MS = 250;
const HEARTBEAT_MS = 15_000;
/** Sockets a node spends on watchers, in all. */
const STREAMS_MAX = 10_000;
/** What a watcher that reads too slowly may have unread before it is let go. */
const BUFFERED_BYTES_MAX = 64 * 1024;

/** Watchers of stock: one poll per policy and node, while somebody watches. */
export interface StockStreams {
  /** Takes over the response, whose headers are already sent. Thrown: OVERLOADED when the node has too many. */
  watch(policyId: bigint, first: Stock, response: ServerResponse): void;
  /** Refuses when full; to be asked before headers are sent. */
  requireRoom(): void;
  /** Ends every stream, so that a node that drains is not held up. */
  stop(): void;
}

export const stockJson = (stock: Stock) => ({
  couponPolicyId: String(stock.policyId),
  remainingStock: stock.remaining ?? null,
  available: stock.available,
});

interface Watched {
  readonly watchers: Set<ServerResponse>;
  timer: NodeJS.Timeout | undefined;
  lastSent: string;
}

export function stockStreams(coupon: Pick<CouponService, 'getStock'>, onError: (error: unknown) => void): StockStreams {
  const policies = new Map<bigint, Watched>();
  let streams = 0;
  let stopped = false;
  const heartbeat = setInterval(() => {
    for (const { watchers } of policies.values()) for (const watcher of watchers) write(watcher, ': still here\n\n');
  }, HEARTBEAT_MS).unref();

  const poll = async (policyId: bigint, watched: Watched): Promise<void> => {
    try {
      const { outcome } = await coupon.getStock({ policyId });
      if (outcome?.$case === 'stock') tell(watched, outcome.value);
    } catch (error) {
      // The watchers keep what they know; the next poll may do better.
      onError(error);
    }
    if (watched.watchers.size > 0 && !stopped)
      watched.timer = setTimeout(() => void poll(policyId, watched), POLL_MS).unref();
    else policies.delete(policyId);
  };

  return {
    requireRoom() {
      if (streams >= STREAMS_MAX || stopped) throw new ProblemError('OVERLOADED', { retryAfterSeconds: 5 });
    },
    watch(policyId, first, response) {
      let watched = policies.get(policyId);
      if (watched === undefined) {
        const fresh: Watched = { watchers: new Set(), timer: undefined, lastSent: '' };
        fresh.timer = setTimeout(() => void poll(policyId, fresh), POLL_MS).unref();
        policies.set(policyId, fresh);
        watched = fresh;
      }
      const { watchers } = watched;
      watchers.add(response);
      streams += 1;
      response.once('close', () => {
        if (watchers.delete(response)) streams -= 1;
      });
      write(response, eventOf(first));
    },
    stop() {
      stopped = true;
      clearInterval(heartbeat);
      for (const { timer, watchers } of policies.values()) {
        clearTimeout(timer);
        for (const watcher of watchers) watcher.end();
      }
      policies.clear();
    },
  };
}

function tell(watched: Watched, stock: Stock): void {
  const event = eventOf(stock);
  if (event === watched.lastSent) return;
  watched.lastSent = event;
  for (const watcher of watched.watchers) write(watcher, event);
}

function write(watcher: ServerResponse, text: string): void {
  if (watcher.writableLength > BUFFERED_BYTES_MAX) watcher.destroy();
  else watcher.write(text);
}

const eventOf = (stock: Stock): string => `event: stock\ndata: ${JSON.stringify(stockJson(stock))}\n\n`;
