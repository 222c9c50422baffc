import Denque from 'denque';
import type { Logger } from 'pino';
import { Unavailable } from '../kernel/refusal.ts';
import { batchDelivery, type Item } from './batch-delivery.ts';
import type { Delivery, Handler } from './bus.ts';
import type { BusMetrics } from './bus-metrics.ts';
import type { DeadLetters } from './dead-letters.ts';

/** The most deliveries that wait for one group. The relay stays far below it; beyond it, `offer` rejects. */
const QUEUE_MAX = 100_000;

export interface GroupOptions {
  readonly deadLetters: DeadLetters;
  readonly metrics: BusMetrics;
  readonly log: Logger;
  /** The most deliveries in one call of the handler. */
  readonly batchMax: number;
  /** Pause before the first retry, four times longer before each further one. */
  readonly retryBaseMs: number;
}

export interface ConsumerGroup {
  readonly name: string;
  /** Resolves when each delivery was handled or became a dead letter; rejects when the group stops first. */
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

/** The queue of one consumer and its only worker: batches run one at a time, in order, so events of a key stay in order. */
export function consumerGroup(name: string, handler: Handler, options: GroupOptions): ConsumerGroup {
  const { deadLetters, metrics, log, batchMax, retryBaseMs } = options;
  const stopping = new AbortController();
  const queue = new Denque<Offered>();
  let current: readonly Offered[] = [];
  let working: Promise<void> | undefined;

  const deliver = batchDelivery<Offered>({
    group: name,
    handler,
    metrics,
    log,
    retryBaseMs,
    putDeadLetter: (item, reason) => deadLetters.put(name, item.delivery, String(reason)),
    settle(items) {
      for (const { offer } of items) {
        offer.left -= 1;
        if (offer.left === 0) offer.resolve();
      }
    },
  });

  async function work(): Promise<void> {
    while (queue.length > 0 && !stopping.signal.aborted) {
      current = taken(batchMax);
      await deliver(current, stopping.signal);
      if (!stopping.signal.aborted) current = [];
    }
    working = undefined;
  }

  function taken(count: number): readonly Offered[] {
    const items: Offered[] = [];
    while (items.length < count) {
      const item = queue.shift();
      if (item === undefined) break;
      items.push(item);
    }
    return items;
  }

  return {
    name,
    offer(batch) {
      if (stopping.signal.aborted) return Promise.reject(stopped(name));
      if (queue.length + batch.length > QUEUE_MAX) {
        return Promise.reject(new Unavailable('OVERLOADED', `consumer ${name} has ${queue.length} events waiting`));
      }
      if (batch.length === 0) return Promise.resolve();
      return new Promise<void>((resolve, reject) => {
        const offer: Offer = { left: batch.length, resolve, reject };
        for (const delivery of batch) queue.push({ delivery, offer });
        // The rows that the relay publishes in this turn go to the handler in one call.
        working ??= new Promise((resume) => setImmediate(resume)).then(work);
      });
    },
    async stop() {
      stopping.abort();
      await working;
      // Events that were not handled stay in the outbox, because `offer` rejects.
      for (const { offer } of [...current, ...taken(queue.length)]) if (offer.left > 0) offer.reject(stopped(name));
      current = [];
    },
  };
}

const stopped = (group: string): Error => new Unavailable('DEPENDENCY_UNAVAILABLE', `consumer ${group} is stopping`);
