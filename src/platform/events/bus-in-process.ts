import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { BATCH_MAX, type Delivery, type EventBus, type Handler } from './bus.ts';
import { busMetrics } from './bus-metrics.ts';
import { type ConsumerGroup, consumerGroup } from './consumer-group.ts';
import type { DeadLetters } from './dead-letters.ts';

export interface InProcessBusOptions {
  readonly deadLetters: DeadLetters;
  readonly metrics: Registry;
  readonly log: Logger;
  /** Pause before the first retry of a failed batch. Default 100 ms: with 4x growth, 5 attempts take 8.5 s. */
  readonly retryBaseMs?: number;
}

/**
 * Delivers events to the consumers of this process. `publish` resolves when every group has settled them, so an event that is deleted
 * from the outbox afterwards has had its effect. After a crash before that it is published again. Groups do not wait for each
 * other.
 */
export function inProcessBus(options: InProcessBusOptions): EventBus {
  const metrics = busMetrics(options.metrics);
  const groupOptions = { ...options, metrics, retryBaseMs: options.retryBaseMs ?? 100 };
  const consumers: { group: ConsumerGroup; topics: ReadonlySet<string> }[] = [];
  const subscribedTopics = new Set<string>();

  function offers(batch: readonly Delivery[], only: string | undefined): Promise<void>[] {
    if (only === undefined) {
      return consumers.map(({ group, topics }) => group.offer(batch.filter(({ topic }) => topics.has(topic))));
    }
    const one = consumers.find(({ group }) => group.name === only);
    if (one === undefined) throw new Error(`there is no consumer ${only} here`);
    return [one.group.offer(batch)];
  }

  return {
    subscribe<Event extends Delivery<unknown>>(
      name: string,
      topics: readonly string[],
      handle: Handler<Event>,
      batchMax = BATCH_MAX,
    ) {
      // Its topics have this type of events.
      const handler = handle as Handler<Delivery<unknown>> as Handler;
      if (consumers.some(({ group }) => group.name === name)) throw new Error(`consumer group ${name} exists already`);
      consumers.push({ group: consumerGroup(name, handler, { ...groupOptions, batchMax }), topics: new Set(topics) });
      for (const topic of topics) subscribedTopics.add(topic);
      metrics.addGroup(name);
    },
    subscribedTopics: () => subscribedTopics,
    async publish(batch: readonly Delivery[], only?: string) {
      // Wait for all groups before rejecting, so that a second publish does not overtake events that are still being handled.
      const failed = (await Promise.allSettled(offers(batch, only))).find((outcome) => outcome.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
    waitForConsumers: () => Promise.resolve(),
    start: () => Promise.resolve(),
    async stop() {
      await Promise.all(consumers.map(({ group }) => group.stop()));
    },
  };
}
