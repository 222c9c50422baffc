import type { Logger } from 'pino';
import { backoff } from './backoff.ts';
import { bury } from './bury.ts';
import type { Delivery, Handler } from './bus.ts';
import type { BusMetrics } from './bus-metrics.ts';
import { failureOf } from './handler-failure.ts';

const ATTEMPTS = 5;

/** An event in hand, with what its bus has to know to be done with it. */
export interface Item {
  readonly delivery: Delivery;
}

export interface BatchDeliveryOptions<T extends Item> {
  readonly group: string;
  readonly handler: Handler;
  /** Keeps a dead letter. Durable when it resolves; called again until it does. */
  readonly putAside: (item: T, reason: unknown) => Promise<void>;
  /** Told in the order of the batch: these were handled, or are buried, and need not come again. */
  readonly settle: (items: readonly T[]) => void;
  readonly metrics: BusMetrics;
  readonly log: Logger;
  /** Pause before the first retry, four times longer before each further one. */
  readonly retryBaseMs: number;
}

/** Resolves when all of them are settled, or `signal` has ended it: then the rest is as if it had never been in hand. */
export type DeliverBatch<T extends Item> = (items: readonly T[], signal: AbortSignal) => Promise<void>;

/**
 * Gets batches past a handler, for one consumer group. While something is away that the handler needs, a batch is tried
 * until it is back. One that fails 5 times for any other reason is taken apart, and what fails alone is buried. While
 * everything fails so, later batches get one attempt: a broken consumer is not waited for again and again.
 */
export function batchDelivery<T extends Item>(options: BatchDeliveryOptions<T>): DeliverBatch<T> {
  const { group, handler, putAside, settle, metrics, log, retryBaseMs } = options;
  let broken = false;

  async function attempt(items: readonly T[], attempts: number, signal: AbortSignal): Promise<Attempt> {
    const batch = items.map((item) => item.delivery);
    for (let tried = 1, poisoned = 0; ; tried++) {
      try {
        await handler(batch);
        return { kind: 'handled' };
      } catch (error) {
        metrics.failures.inc({ group });
        const failure = failureOf(error);
        log.warn({ err: error, group, events: batch.length, tried, failure }, 'a consumer failed');
        if (failure === 'poison') poisoned += 1;
        if (poisoned >= attempts) return { kind: 'poisoned', error };
        if (!(await backoff(retryBaseMs, tried, signal, failure))) return { kind: 'ended' };
      }
    }
  }

  /** By halves, in order, so that one bad event among 512 costs some 18 transactions. Answers how many were bad. */
  async function takeApart(items: readonly T[], reason: unknown, signal: AbortSignal): Promise<number> {
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
      else if (outcome.kind === 'poisoned') bad += await takeApart(half, outcome.error, signal);
    }
    return bad;
  }

  const keep = (item: T, reason: unknown, signal: AbortSignal): Promise<boolean> => {
    const what = item.delivery.event.eventId;
    return bury({ group, what, reason, keep: () => putAside(item, reason), metrics, log, retryBaseMs }, signal);
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
      broken = (await takeApart(items, outcome.error, signal)) === items.length;
    }
  };
}

type Attempt =
  | { readonly kind: 'handled' }
  /** It failed as often as it may for its own sake. */
  | { readonly kind: 'poisoned'; readonly error: unknown }
  | { readonly kind: 'ended' };
