import type { OutboxBatch } from '../../../../platform/events/outbox.ts';
import type { TimeSale } from '../../domain/time-sale/time-sale.ts';

export type TimeSaleTopic = 'timesale.started' | 'timesale.sold_out' | 'timesale.ended';

/** Builds the event of a change of a time sale, from the time sale after the change. */
export function timeSaleEvent(topic: TimeSaleTopic, timeSale: TimeSale, nowMs: number): OutboxBatch {
  const common = { ...sharedBy(timeSale), ...ofTopic(topic, timeSale, nowMs) };
  return { topic, source: 'order', keyField: 'timeSaleId', common, columns: [], rows: [[]] };
}

/** Builds the events of time sales that have begun or ended. */
export const transitionEvents = (changed: readonly TimeSale[], nowMs: number): OutboxBatch[] =>
  changed.map((timeSale) =>
    timeSaleEvent(timeSale.announced === 'ENDED' ? 'timesale.ended' : 'timesale.started', timeSale, nowMs),
  );

const sharedBy = ({ id, productId, salePrice, quantity, startsAtMs, endsAtMs }: TimeSale) => ({
  timeSaleId: String(id),
  productId: String(productId),
  salePrice: String(salePrice),
  quantity,
  startsAt: new Date(startsAtMs).toISOString(),
  endsAt: new Date(endsAtMs).toISOString(),
});

function ofTopic(topic: TimeSaleTopic, { sold, reserved }: TimeSale, nowMs: number): Readonly<Record<string, unknown>> {
  switch (topic) {
    case 'timesale.started':
      return {};
    case 'timesale.sold_out':
      return { soldOutAt: new Date(nowMs).toISOString() };
    case 'timesale.ended':
      return { soldQuantity: sold, reservedQuantity: reserved };
  }
}
