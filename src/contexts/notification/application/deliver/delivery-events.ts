import type { OutboxBatchOf } from '../../../../platform/events/outbox.ts';
import type { Delivery } from '../../domain/delivery.ts';
import type { NotificationEvents } from '../../events.ts';
import type { OutcomeEvents } from './ports.ts';

type Row = readonly [notificationId: string, userId: string, kind: Delivery['kind'], channel: Delivery['channel']];
const COLUMNS = ['notificationId', 'userId', 'kind', 'channel'] as const;
type Of<Topic extends keyof NotificationEvents> = OutboxBatchOf<NotificationEvents, Topic, typeof COLUMNS>;

const SHARED = { source: 'notification', keyField: 'userId', columns: COLUMNS } as const;

/** Of deliveries that have ended. Those that wait again, and those that are not wanted any more, have no event. */
export const deliveryEvents: OutcomeEvents = (deliveries, outcome) => {
  const rows = deliveries.map(
    ({ noticeId, userId, kind, channel }): Row => [String(noticeId), String(userId), kind, channel],
  );
  if (rows.length === 0) return [];
  if (outcome.state === 'SENT')
    return [{ ...SHARED, topic: 'notification.sent', common: {}, rows } satisfies Of<'notification.sent'>];
  if (outcome.state !== 'FAILED' && outcome.state !== 'UNKNOWN') return [];
  const common = { outcome: outcome.state, reason: outcome.reason };
  return [{ ...SHARED, topic: 'notification.failed', common, rows } satisfies Of<'notification.failed'>];
};
