import type { Logger } from 'pino';
import { outageLog } from '../telemetry/outage-log.ts';
import { backoff } from './backoff.ts';
import type { Delivery, Handler } from './bus.ts';
import type { BusMetrics } from './bus-metrics.ts';
import { failureOf } from './handler-failure.ts';
import { storeDeadLetter } from './store-dead-letter.ts';

const ATTEMPTS = 5;

/** An event that is being delivered. Buses extend it with what they need to acknowledge it. */
export interface Item {
  readonly delivery: Delivery;
}

export interface BatchDeliveryOptions<T extends Item> {
  readonly group: string;
  readonly handler: Handler;
  /** Stores a dead letter. Durable when it resolves; called again until it resolves. */
  readonly putDeadLetter: (item: T, reason: unknown) => Promise<void>;
  /** Acknowledges items, in the order of the batch: they were handled or stored as dead letters. */
  readonly settle: (items: readonly T[]) => void;
  readonly metrics: BusMetrics;
  readonly log: Logger;
  /** Pause before the first retry, four times longer before each further one. */
  readonly retryBaseMs: number;
}

/** Resolves when all items are settled, or when `signal` is aborted: then the rest stays unacknowledged. */
export type DeliverBatch<T extends Item> = (items: readonly T[], signal: AbortSignal) => Promise<void>;

/**
 * Delivers batches to a handler, for one consumer group. While a dependency of the handler is not available, a batch is retried
 * until it is. A batch that fails 5 times for any other reason is split, and an event that fails alone becomes a dead letter. While
 * every event fails, later batches get one attempt: the bus does not wait for a broken consumer again and again.
 */
export function batchDelivery<T extends Item>(options: BatchDeliveryOptions<T>): DeliverBatch<T> {
  const { group, handler, putDeadLetter, settle, metrics, log, retryBaseMs } = options;
  const outage = outageLog({ log, facts: { group }, message: 'a consumer failed', over: 'a consumer works again' });
  let broken = false;

  async function attempt(items: readonly T[], attempts: number, signal: AbortSignal): Promise<Attempt> {
    const batch = items.map((item) => item.delivery);
    for (let tried = 1, poisoned = 0; ; tried++) {
      try {
        await handler(batch);
        outage.succeeded();
        return { kind: 'handled' };
      } catch (error) {
        metrics.failures.inc({ group });
        const failure = failureOf(error);
        outage.failed(error, { events: batch.length, tried, failure });
        if (failure === 'poison') poisoned += 1;
        if (poisoned >= attempts) return { kind: 'poisoned', error };
        if (!(await backoff(retryBaseMs, tried, signal, failure))) return { kind: 'ended' };
      }
    }
  }

  /** Splits by halves, in order, so that one bad event among 512 costs some 18 transactions. Returns how many were bad. */
  async function isolate(items: readonly T[], reason: unknown, signal: AbortSignal): Promise<number> {
    const [first] = items;
    if (first !== undefined && items.length === 1) {
      if (await keep(first, reason, signal)) done(items);
      return 1;
    }
    const middle = Math.ceil(items.length / 2);
    let bad = 0;
    for (const half of [items.slice(0, middle), items.slice(middle)]) {
      if (signal.aborted) break;
      const outcome = await attempt(half, 1, signal);
      if (outcome.kind === 'handled') done(half);
      else if (outcome.kind === 'poisoned') bad += await isolate(half, outcome.error, signal);
    }
    return bad;
  }

  const keep = (item: T, reason: unknown, signal: AbortSignal): Promise<boolean> => {
    const what = item.delivery.event.eventId;
    return storeDeadLetter(
      { group, what, reason, keep: () => putDeadLetter(item, reason), metrics, log, retryBaseMs },
      signal,
    );
  };

  function done(items: readonly T[]): void {
    metrics.handled.inc({ group }, items.length);
    settle(items);
  }

  return async (items, signal) => {
    const outcome = await attempt(items, broken ? 1 : ATTEMPTS, signal);
    if (outcome.kind === 'handled') {
      broken = false;
      done(items);
    } else if (outcome.kind === 'poisoned') {
      broken = (await isolate(items, outcome.error, signal)) === items.length;
    }
  };
}

type Attempt =
  | { readonly kind: 'handled' }
  /** It used up its attempts, for reasons other than an outage. */
  | { readonly kind: 'poisoned'; readonly error: unknown }
  | { readonly kind: 'ended' };
