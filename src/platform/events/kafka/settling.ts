import { findErrorBy } from '@platformatic/kafka';
import type { Logger } from 'pino';
import { batchDelivery, type Item } from '../batch-delivery.ts';
import type { Handler } from '../bus.ts';
import type { BusMetrics } from '../bus-metrics.ts';
import { storeDeadLetter } from '../store-dead-letter.ts';
import type { Publisher } from './publisher.ts';
import { deadLetterMessage, LETTER_BYTES_MAX, type Received, SHORT_LETTER_BYTES_MAX } from './records.ts';

export interface SettlingOptions {
  readonly group: string;
  readonly handler: Handler;
  readonly publisher: Publisher;
  readonly metrics: BusMetrics;
  readonly log: Logger;
  readonly retryBaseMs: number;
  /** Called when this message and every earlier one of its partition are settled. */
  readonly onSettled: (received: Received) => void;
}

interface ReadItem extends Item {
  readonly received: Received;
}

/**
 * Handles messages or stores them on `<topic>.DLQ`, in order, so that the settled messages of a partition are always a prefix of it.
 * Resolves when all are settled, or when the signal is aborted.
 */
export function settling(options: SettlingOptions): (batch: readonly Received[], signal: AbortSignal) => Promise<void> {
  const { group, publisher, metrics, log, retryBaseMs, onSettled } = options;
  async function putDeadLetter(received: Received, reason: unknown): Promise<void> {
    const about = { group, reason: String(reason), failedAt: new Date() };
    try {
      await publisher.publish([deadLetterMessage(received, { ...about, bytesMax: LETTER_BYTES_MAX })]);
    } catch (error) {
      // Tried again as it is, it would hold up its partition for ever.
      if (findErrorBy(error as Error, 'apiId', 'MESSAGE_TOO_LARGE') == null) throw error;
      await publisher.publish([deadLetterMessage(received, { ...about, bytesMax: SHORT_LETTER_BYTES_MAX })]);
    }
  }
  const deliver = batchDelivery<ReadItem>({
    ...options,
    putDeadLetter: ({ received }, reason) => putDeadLetter(received, reason),
    settle(items) {
      for (const { received } of items) onSettled(received);
    },
  });

  async function deadLetterUnreadable(received: Received, reason: string, signal: AbortSignal): Promise<void> {
    const { topic, partition, offset } = received.place;
    const what = `${topic}/${partition}/${offset}`;
    const keep = () => putDeadLetter(received, reason);
    if (await storeDeadLetter({ group, what, reason, keep, metrics, log, retryBaseMs }, signal)) onSettled(received);
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
      await deadLetterUnreadable(received, content.reason, signal);
    }
    if (readable.length > 0 && !signal.aborted) await deliver(readable, signal);
  };
}
