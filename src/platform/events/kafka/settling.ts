import type { Logger } from 'pino';
import { batchDelivery, type Item } from '../batch-delivery.ts';
import { bury } from '../bury.ts';
import type { Handler } from '../bus.ts';
import type { BusMetrics } from '../bus-metrics.ts';
import type { Publisher } from './publisher.ts';
import { deadLetter, type Received } from './records.ts';

export interface SettlingOptions {
  readonly group: string;
  readonly handler: Handler;
  readonly publisher: Publisher;
  readonly metrics: BusMetrics;
  readonly log: Logger;
  readonly retryBaseMs: number;
  /** This message and everything before it in its partition need not come again. */
  readonly onSettled: (received: Received) => void;
}

interface ReadItem extends Item {
  readonly received: Received;
}

/**
 * Gets messages handled or to `<topic>.DLQ`, in order, so that what is settled is at any time everything up to some message
 * of each partition. Resolves when all are, or the signal has ended it.
 */
export function settling(options: SettlingOptions): (batch: readonly Received[], signal: AbortSignal) => Promise<void> {
  const { group, publisher, metrics, log, retryBaseMs, onSettled } = options;
  const putAside = (received: Received, reason: unknown): Promise<void> =>
    publisher.publish([deadLetter(group, received, String(reason), new Date())]);
  const deliver = batchDelivery<ReadItem>({
    ...options,
    putAside: ({ received }, reason) => putAside(received, reason),
    settle(items) {
      for (const { received } of items) onSettled(received);
    },
  });

  async function putAsideUnread(received: Received, reason: string, signal: AbortSignal): Promise<void> {
    const { topic, partition, offset } = received.place;
    const what = `${topic}/${partition}/${offset}`;
    const keep = () => putAside(received, reason);
    if (await bury({ group, what, reason, keep, metrics, log, retryBaseMs }, signal)) onSettled(received);
  }

  return async (batch, signal) => {
    let readable: ReadItem[] = [];
    for (const received of batch) {
      const { content } = received;
      if (content.kind === 'event') {
        readable.push({ delivery: content.delivery, received });
        continue;
      }
      if (readable.length > 0) await deliver(readable, signal);
      readable = [];
      if (signal.aborted) return;
      await putAsideUnread(received, content.reason, signal);
    }
    if (readable.length > 0 && !signal.aborted) await deliver(readable, signal);
  };
}
