import type { OutboxBatch, OutboxBatchOf } from '../../../../platform/events/outbox.ts';
import type { TimeSale } from '../../domain/time-sale/time-sale.ts';
import type { OrderEvents } from '../../events.ts';

export type TimeSaleTopic = 'timesale.started' | 'timesale.sold_out' | 'timesale.ended';

/** Builds the event of a change of a time sale, from the time sale after the change. */
export function timeSaleEvent(
  topic: TimeSaleTopic,
  timeSale: TimeSale,
  nowMs: number,
): OutboxBatchOf<OrderEvents, TimeSaleTopic, readonly []> {
  const common = dataOf(topic, timeSale, nowMs);
  return { topic, source: 'order', keyField: 'timeSaleId', common, columns: [], rows: [[]] };
}

/** Builds the events of time sales that have begun or ended. */
export const transitionEvents = (changed: readonly TimeSale[], nowMs: number): OutboxBatch[] =>
  changed.map((timeSale) =>
    timeSaleEvent(timeSale.announced === 'ENDED' ? 'timesale.ended' : 'timesale.started', timeSale, nowMs),
  );

const sharedBy = ({
  id,
  productId,
  salePrice,
  quantity,
  startsAtMs,
  endsAtMs,
}: TimeSale): OrderEvents['timesale.started'] => ({
  timeSaleId: String(id),
  productId: String(productId),
  salePrice: String(salePrice),
  quantity,
  startsAt: new Date(startsAtMs).toISOString(),
  endsAt: new Date(endsAtMs).toISOString(),
});

function dataOf(topic: TimeSaleTopic, timeSale: TimeSale, nowMs: number): OrderEvents[TimeSaleTopic] {
  const shared = sharedBy(timeSale);
  switch (topic) {
    case 'timesale.started':
      return shared satisfies OrderEvents[typeof topic];
    case 'timesale.sold_out':
      return { ...shared, soldOutAt: new Date(nowMs).toISOString() } satisfies OrderEvents[typeof topic];
    case 'timesale.ended': {
      const { sold, reserved } = timeSale;
      return { ...shared, soldQuantity: sold, reservedQuantity: reserved } satisfies OrderEvents[typeof topic];
    }
  }
}
