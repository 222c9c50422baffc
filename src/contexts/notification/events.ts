import { z } from 'zod';
import { type DataByTopic, id, topic } from '../../platform/events/topic.ts';
import { OUTWARD } from './domain/delivery.ts';
import { KIND_NAMES } from './domain/kinds.ts';

const deliveryFields = {
  notificationId: id('The notice, as the inbox names it'),
  userId: id('Whose it is'),
  kind: z.enum(KIND_NAMES).meta({ description: 'What the notice is about' }),
  channel: z.enum(OUTWARD).meta({ description: 'How it left. A notice in an inbox alone has no event' }),
};
const EXAMPLE = { notificationId: '7330011234569000', userId: '42', kind: 'ORDER_PAID', channel: 'EMAIL' } as const;

/** Every event that this context publishes. */
export const NOTIFICATION_EVENTS = {
  'notification.sent': topic({
    summary: 'The server of a channel took a notice',
    key: 'userId',
    data: z.object(deliveryFields),
    example: EXAMPLE,
  }),
  'notification.failed': topic({
    summary: 'A channel gave a notice up',
    key: 'userId',
    data: z.object({
      ...deliveryFields,
      outcome: z
        .enum(['FAILED', 'UNKNOWN'])
        .meta({ description: 'FAILED: it did not arrive. UNKNOWN: it may have arrived, and is not sent again' }),
      reason: z.string().min(1).meta({ description: 'A code, without personal data' }),
    }),
    example: { ...EXAMPLE, outcome: 'FAILED', reason: 'EENVELOPE 550 RCPT TO' },
  }),
} as const;

/** What `data` is, by topic. */
export type NotificationEvents = DataByTopic<typeof NOTIFICATION_EVENTS>;
