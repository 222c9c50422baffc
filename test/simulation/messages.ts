import { ORDER_TOPICS } from '../../src/contexts/point/application/earnings/on-order.ts';
import type { Delivery } from '../../src/platform/events/bus.ts';
import type { OutboxBatch } from '../../src/platform/events/outbox.ts';
import type { Chance } from './chance.ts';

export const CONSUMERS = ['coupon', 'order', 'earnings'] as const;
export type Consumer = (typeof CONSUMERS)[number];

const TOPICS: Readonly<Record<Consumer, readonly string[]>> = {
  coupon: ['payment.completed.v1', 'payment.failed.v1'],
  order: ['payment.completed.v1', 'payment.failed.v1'],
  earnings: ORDER_TOPICS,
};

/** Events on their way to their consumers: each at least once, in any order. */
export interface Messages {
  publish(topic: string, key: string, data: Readonly<Record<string, unknown>>): void;
  /** What a transaction of ours wrote into the outbox. */
  relay(batches: readonly OutboxBatch[]): void;
  waiting(consumer: Consumer): number;
  /** Some of what waits, in any order. It stays until it is taken. */
  some(consumer: Consumer, max: number): readonly Delivery[];
  /** `again`: which are to be delivered once more. */
  taken(consumer: Consumer, batch: readonly Delivery[], again: (delivery: Delivery) => boolean): void;
}

/** So that a run ends. */
const DELIVERIES_MAX = 4;

export function openMessages(chance: Chance): Messages {
  const queues: Readonly<Record<Consumer, Set<Delivery>>> = {
    coupon: new Set(),
    order: new Set(),
    earnings: new Set(),
  };
  const times = new Map<Delivery, number>();
  let published = 0;

  function publish(topic: string, key: string, data: Readonly<Record<string, unknown>>): void {
    published += 1;
    const event = {
      eventId: `${published}:0`,
      eventType: topic,
      timestamp: '',
      data,
      metadata: { correlationId: '', source: '', version: '1.0' },
    };
    for (const consumer of CONSUMERS) {
      if (TOPICS[consumer].includes(topic)) queues[consumer].add({ topic, key, event });
    }
  }

  return {
    publish,
    relay(batches) {
      for (const { topic, common, columns, rows, keyField } of batches) {
        for (const row of rows) {
          const data = { ...common, ...Object.fromEntries(columns.map((column, place) => [column, row[place]])) };
          publish(topic, String((data as Record<string, unknown>)[keyField]), data);
        }
      }
    },
    waiting: (consumer) => queues[consumer].size,
    some(consumer, max) {
      const all = [...queues[consumer]];
      const batch: Delivery[] = [];
      while (batch.length < max && all.length > 0) batch.push(...all.splice(chance.below(all.length), 1));
      return batch;
    },
    taken(consumer, batch, again) {
      for (const delivery of batch) {
        const before = times.get(delivery) ?? 0;
        times.set(delivery, before + 1);
        if (before + 1 >= DELIVERIES_MAX || !again(delivery)) queues[consumer].delete(delivery);
      }
    },
  };
}
