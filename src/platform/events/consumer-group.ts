import type { Logger } from 'pino';
import { entryQueue } from '../batching/entry-queue.ts';
import { Unavailable } from '../kernel/refusal.ts';
import { batchDelivery, type Item } from './batch-delivery.ts';
import type { Delivery, Handler } from './bus.ts';
import type { BusMetrics } from './bus-metrics.ts';
import type { DeadLetters } from './dead-letters.ts';

/** Deliveries waiting for one group. The relay stays far below it; beyond, publishing is refused. */
const QUEUE_MAX = 100_000;

export interface GroupOptions {
  readonly deadLetters: DeadLetters;
  readonly metrics: BusMetrics;
  readonly log: Logger;
  /** Deliveries given to the handler at once. */
  readonly batchMax: number;
  /** Pause before the first retry, four times longer before each further one. */
  readonly retryBaseMs: number;
}

export interface ConsumerGroup {
  readonly name: string;
  /** Resolves when each of them was handled or became a dead letter; rejects when the group stops before. */
  offer(batch: readonly Delivery[]): Promise<void>;
  stop(): Promise<void>;
}

interface Offer {
  left: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}
interface Offered extends Item {
  readonly offer: Offer;
}

/** One consumer's queue and its only worker: batches in order, one at a time, so order holds per key. */
export function consumerGroup(name: string, handler: Handler, options: GroupOptions): ConsumerGroup {
  const { deadLetters, metrics, log, batchMax, retryBaseMs } = options;
  const stopping = new AbortController();
  const queue = entryQueue<Offered>();
  let inHand: readonly Offered[] = [];
  let working: Promise<void> | undefined;

  const deliver = batchDelivery<Offered>({
    group: name,
    handler,
    metrics,
    log,
    retryBaseMs,
    putAside: (item, reason) => deadLetters.put(name, item.delivery, String(reason)),
    settle(items) {
      for (const { offer } of items) {
        offer.left -= 1;
        if (offer.left === 0) offer.resolve();
      }
    },
  });

  async function work(): Promise<void> {
    while (queue.size() > 0 && !stopping.signal.aborted) {
      inHand = taken(batchMax);
      await deliver(inHand, stopping.signal);
      if (!stopping.signal.aborted) inHand = [];
    }
    working = undefined;
  }

  function taken(count: number): readonly Offered[] {
    const items: Offered[] = [];
    queue.take(count, items);
    return items;
  }

  return {
    name,
    offer(batch) {
      if (stopping.signal.aborted) return Promise.reject(stopped(name));
      if (queue.size() + batch.length > QUEUE_MAX) {
        return Promise.reject(new Unavailable('OVERLOADED', `consumer ${name} has ${queue.size()} events waiting`));
      }
      if (batch.length === 0) return Promise.resolve();
      return new Promise<void>((resolve, reject) => {
        const offer: Offer = { left: batch.length, resolve, reject };
        for (const delivery of batch) queue.push({ delivery, offer });
        // After the whole batch is in the queue: it shall be one call of the handler.
        working ??= work();
      });
    },
    async stop() {
      stopping.abort();
      await working;
      // What was not handled stays in the outbox: whoever published it hears so.
      for (const { offer } of [...inHand, ...taken(queue.size())]) if (offer.left > 0) offer.reject(stopped(name));
      inHand = [];
    },
  };
}

const stopped = (group: string): Error => new Unavailable('DEPENDENCY_UNAVAILABLE', `consumer ${group} is stopping`);
