import { z } from 'zod';
import { type DataByTopic, id, instant, topic } from '../../platform/events/topic.ts';
import { AUTOMATIC_REASONS } from './domain/endpoint.ts';
import { FAILING_MAX_DAYS, WAITING_MAX } from './domain/health.ts';

/** Every event that this context publishes. */
export const WEBHOOK_EVENTS = {
  'webhook.disabled': topic({
    summary: 'This system disabled a webhook. One that an administrator disables has no event',
    key: 'webhookId',
    data: z.object({
      webhookId: id('The webhook'),
      auditId: id('The line of the audit log. Each disabling has a line of its own'),
      origin: z.string().min(1).meta({
        description:
          'Scheme, host and port of its URL. Path and query are left out: some receivers have a secret there',
      }),
      reason: z.enum(AUTOMATIC_REASONS).meta({
        description:
          `GONE: it responded with 410. FAILING: no request succeeded for ${FAILING_MAX_DAYS} days.` +
          ` BACKLOG: more than ${WAITING_MAX.toLocaleString('en')} deliveries waited`,
      }),
      disabledAt: instant('When it was disabled'),
    }),
    example: {
      webhookId: '7330011234568000',
      auditId: '7330011234567899',
      origin: 'https://shop.example.com',
      reason: 'GONE',
      disabledAt: '2026-01-01T00:00:00.000Z',
    },
  }),
} as const;

/** What `data` is, by topic. */
export type WebhookEvents = DataByTopic<typeof WEBHOOK_EVENTS>;

/** The data of a test event, which is delivered to one endpoint and published on no topic. */
export const TEST_DATA = z
  .object({
    webhookId: z.string().meta({ description: 'The webhook' }),
    message: z.string().meta({ description: 'A sentence for people' }),
  })
  .meta({ description: 'An administrator tests a webhook' });
export type TestData = Readonly<z.output<typeof TEST_DATA>>;
