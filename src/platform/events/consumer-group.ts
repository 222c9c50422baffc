import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Unavailable } from '../kernel/refusal.ts';
import type { Delivery, Handler } from './bus.ts';
import type { BusMetrics } from './bus-metrics.ts';
import type { DeadLetters } from './dead-letters.ts';

/** Deliveries given to a handler at once, so that their effects share one transaction. */
const BATCH_MAX = 256;
/** Deliveries waiting for one group. The relay stays far below it; beyond, publishing is refused. */
const QUEUE_MAX = 100_000;
const ATTEMPTS = 5;
const RETRY_MAX_MS = 10_000;

export interface GroupOptions {
  readonly deadLetters: DeadLetters;
  readonly metrics: BusMetrics;
  readonly log: Logger;
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
interface Item {
  readonly delivery: Delivery;
  readonly offer: Offer;
}

/**
 * One consumer's queue and its only worker: batches in order, one at a time, so order holds per key. A batch that fails 5
 * times is taken apart, and what fails alone becomes a dead letter. While everything fails, later batches get one attempt,
 * so that a broken consumer is not waited for again and again.
 */
export function consumerGroup(name: string, handler: Handler, options: GroupOptions): ConsumerGroup {
  const { deadLetters, metrics, log, retryBaseMs } = options;
  const stopping = new AbortController();
  let queue: Item[] = [];
  let inHand: readonly Item[] = [];
  let working: Promise<void> | undefined;
  let broken = false;

  async function work(): Promise<void> {
    while (queue.length > 0 && !stopping.signal.aborted) {
      inHand = queue.slice(0, BATCH_MAX);
      queue = queue.slice(BATCH_MAX);
      await deliver(inHand);
      if (!stopping.signal.aborted) inHand = [];
    }
    working = undefined;
  }

  async function deliver(items: readonly Item[]): Promise<void> {
    const error = await attempt(items, broken ? 1 : ATTEMPTS);
    if (error === undefined) {
      broken = false;
      settle(items);
    } else if (!stopping.signal.aborted) {
      await takeApart(items);
    }
  }

  /** Undefined when the handler took them, else its last error. */
  async function attempt(items: readonly Item[], attempts: number): Promise<unknown> {
    const batch = items.map((item) => item.delivery);
    for (let tried = 1; ; tried++) {
      try {
        await handler(batch);
        return undefined;
      } catch (error) {
        metrics.failures.inc({ group: name });
        log.warn({ err: error, group: name, events: batch.length, tried }, 'a consumer failed, its batch comes again');
        if (tried >= attempts || !(await pause(tried))) return error ?? new Error('unknown');
      }
    }
  }

  async function takeApart(items: readonly Item[]): Promise<void> {
    let bad = 0;
    for (const item of items) {
      const error = await attempt([item], 1);
      if (error !== undefined) {
        bad += 1;
        if (!(await bury(item, error))) return;
      }
      settle([item]);
    }
    broken = bad === items.length;
  }

  /** Tries until it is kept, or the group stops: nothing is dropped while the database is away. */
  async function bury(item: Item, error: unknown): Promise<boolean> {
    for (let tried = 1; !stopping.signal.aborted; tried++) {
      try {
        await deadLetters.put(name, item.delivery, String(error));
        metrics.deadLetters.inc({ group: name });
        log.error({ err: error, group: name, eventId: item.delivery.event.eventId }, 'an event became a dead letter');
        return true;
      } catch (failure) {
        log.error({ err: failure, group: name }, 'a dead letter could not be kept');
        await pause(tried);
      }
    }
    return false;
  }

  /** False when the group is stopping. */
  async function pause(tried: number): Promise<boolean> {
    const ms = Math.min(retryBaseMs * 4 ** (tried - 1), RETRY_MAX_MS);
    await sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
    return !stopping.signal.aborted;
  }

  function settle(items: readonly Item[]): void {
    metrics.handled.inc({ group: name }, items.length);
    for (const { offer } of items) {
      offer.left -= 1;
      if (offer.left === 0) offer.resolve();
    }
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
        // After the whole batch is in the queue: it shall be one call of the handler.
        working ??= work();
      });
    },
    async stop() {
      stopping.abort();
      await working;
      // What was not handled stays in the outbox: whoever published it hears so.
      for (const { offer } of [...inHand, ...queue]) if (offer.left > 0) offer.reject(stopped(name));
      queue = [];
      inHand = [];
    },
  };
}

const stopped = (group: string): Error => new Unavailable('DEPENDENCY_UNAVAILABLE', `consumer ${group} is stopping`);
