import type { Delivery } from './bus.ts';
import type { OutboxBatch } from './outbox.ts';

/** Version of the envelope, not of the data. */
const ENVELOPE_VERSION = '1.0';

/** coupon-policy.activated -> COUPON_POLICY_ACTIVATED. */
export const eventTypeOf = (topic: string): string => topic.replace(/[^a-zA-Z0-9]+/g, '_').toUpperCase();

/**
 * Expands one outbox row to its events, in the order in which they were written.
 * @param eventIdPrefix from event-source.ts; `<eventIdPrefix>:<index>` is an event's id, the same however often the row is expanded
 * @param timestamp when the row was written
 * @param outboxServer see Delivery
 */
export function expand(
  eventIdPrefix: string,
  timestamp: Date,
  batches: readonly OutboxBatch[],
  outboxServer?: string,
): Delivery[] {
  const deliveries: Delivery[] = [];
  const at = timestamp.toISOString();
  for (const batch of batches) {
    const eventType = eventTypeOf(batch.topic);
    const metadata = {
      correlationId: batch.correlationId ?? eventIdPrefix,
      source: batch.source,
      version: ENVELOPE_VERSION,
    };
    for (const row of batch.rows) {
      const data = dataOf(batch, row);
      deliveries.push({
        topic: batch.topic,
        key: String(data[batch.keyField]),
        event: { eventId: `${eventIdPrefix}:${deliveries.length}`, eventType, timestamp: at, data, metadata },
        ...(outboxServer === undefined ? {} : { outboxServer }),
      });
    }
  }
  return deliveries;
}

function dataOf(batch: OutboxBatch, row: readonly unknown[]): Record<string, unknown> {
  const data: Record<string, unknown> = { ...batch.common };
  for (const [column, name] of batch.columns.entries()) data[name] = row[column];
  return data;
}
