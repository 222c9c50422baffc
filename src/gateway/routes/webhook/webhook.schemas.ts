import { z } from 'zod';
import {
  ATTEMPT_ERRORS,
  DELIVERY_STATUSES,
  DESCRIPTION_MAX,
  DISABLED_REASONS,
  FAILING_MAX_DAYS,
  OVERLAP_HOURS,
  OVERLAP_HOURS_MAX,
  TOPICS_MAX,
  URL_MAX,
  WAITING_MAX,
  type Webhook,
  type WebhookDelivery,
} from '../../../contexts/webhook/api.ts';
import { oneOf } from '../../server/one-of.ts';
import {
  IdText,
  InstantText,
  instantOrNull,
  PageFields,
  PathId,
  plainText,
  requiredInstant,
} from '../../server/schemas.ts';

const TOPIC_MAX = 100;
const TopicNames = z
  .array(
    z
      .string()
      .min(1)
      .max(TOPIC_MAX)
      .regex(/^(\*|[a-z0-9_.-]+)$/, 'must be the name of a topic, or *'),
  )
  .min(1)
  .max(TOPICS_MAX)
  .meta({ description: 'Names of events, such as order.paid, or * for all, also those of later versions' });
const Url = z
  .string()
  .min(1)
  .max(URL_MAX)
  .regex(/^https?:\/\/[\x21-\x7e]+$/i, 'must be an https URL of printable ASCII characters')
  .meta({ description: 'https; http only for hosts that the operator has allowed' });
const Description = plainText(DESCRIPTION_MAX).meta({ description: 'For people' });

export const OneWebhook = z.strictObject({ id: PathId });
export const OneDelivery = z.strictObject({ id: PathId, deliveryId: PathId });
export const WebhooksQuery = z.strictObject(PageFields);
const DeliveryStatus = z.enum(DELIVERY_STATUSES);
export const DeliveriesQuery = z.strictObject({ status: DeliveryStatus.optional(), ...PageFields });

export const CreateBody = z.strictObject({
  url: Url,
  topics: TopicNames,
  description: Description.default(''),
  enabled: z.boolean().default(true),
});
export const UpdateBody = z.strictObject({
  url: Url.optional(),
  topics: TopicNames.optional(),
  description: Description.optional(),
  enabled: z.boolean().optional().meta({ description: 'true forgets earlier failures' }),
});
export const RotateBody = z.strictObject({
  overlapHours: z
    .int()
    .min(0)
    .max(OVERLAP_HOURS_MAX)
    .default(OVERLAP_HOURS)
    .meta({ description: 'How long the present secret signs beside the new one' }),
});
export const CREATE_EXAMPLE: z.input<typeof CreateBody> = {
  url: 'https://shop.example.com/stampede',
  topics: ['order.paid', 'order.refunded'],
  description: 'Orders for the warehouse',
};

const count = () => z.int().min(0);
export const WebhookView = z
  .strictObject({
    webhookId: IdText,
    url: z.string().max(URL_MAX),
    topics: z.array(z.string().max(TOPIC_MAX)).max(TOPICS_MAX),
    description: z.string().max(DESCRIPTION_MAX),
    enabled: z.boolean(),
    disabledReason: z
      .enum(DISABLED_REASONS)
      .nullable()
      .meta({
        description: `ADMIN: by an administrator. GONE: it responded with 410. FAILING: no request succeeded for ${FAILING_MAX_DAYS} days. BACKLOG: more than ${WAITING_MAX.toLocaleString('en')} deliveries waited`,
      }),
    disabledAt: InstantText.nullable(),
    failures: count().meta({ description: 'Failed requests in a row' }),
    failingSince: InstantText.nullable(),
    resumesAt: InstantText.nullable().meta({ description: 'Nothing is sent before; null: no pause' }),
    waiting: count().meta({
      description: `Deliveries that wait; ${WAITING_MAX + 1} stands for more than ${WAITING_MAX}`,
    }),
    previousSecretUntil: InstantText.nullable().meta({ description: 'Until then the previous secret signs, too' }),
    createdAt: InstantText,
    updatedAt: InstantText,
  })
  .meta({ id: 'Webhook' });
export const WebhookWithSecretView = z
  .strictObject({
    ...WebhookView.shape,
    secret: z.string().optional().meta({ description: 'whsec_ and base64. Only in the first response to a key' }),
  })
  .meta({ id: 'WebhookWithSecret' });

export const WEBHOOK_EXAMPLE: z.input<typeof WebhookView> = {
  webhookId: '7330011234567896',
  url: CREATE_EXAMPLE.url,
  topics: ['order.paid', 'order.refunded'],
  description: 'Orders for the warehouse',
  enabled: true,
  disabledReason: null,
  disabledAt: null,
  failures: 0,
  failingSince: null,
  resumesAt: null,
  waiting: 0,
  previousSecretUntil: null,
  createdAt: '2030-01-01T01:00:00.000Z',
  updatedAt: '2030-01-01T01:00:00.000Z',
};
export const SECRET_EXAMPLE = { ...WEBHOOK_EXAMPLE, secret: 'whsec_…' };

export const WebhookDeliveryView = z
  .strictObject({
    deliveryId: IdText,
    eventId: z.string().max(200),
    messageId: z.string().max(256).meta({ description: 'The header webhook-id of every attempt' }),
    topic: z.string().max(TOPIC_MAX),
    subject: z.string().max(300).meta({ description: 'What it is about. Deliveries of one subject arrive in order' }),
    status: DeliveryStatus,
    attempts: count(),
    lastStatus: z.int().min(100).max(599).nullable().meta({ description: 'Of the last response' }),
    lastError: z
      .string()
      .max(100)
      .nullable()
      .meta({
        description: `${ATTEMPT_ERRORS.join(', ')}, or a code of the connection such as ECONNREFUSED`,
      }),
    nextAttemptAt: InstantText.nullable(),
    createdAt: InstantText,
    finishedAt: InstantText.nullable(),
    body: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'What is sent; null: erased with the account of its user' }),
  })
  .meta({ id: 'WebhookDelivery' });

export const DELIVERY_EXAMPLE: z.input<typeof WebhookDeliveryView> = {
  deliveryId: '1204',
  eventId: '9f2c01d4a7be3306-7330011234999999:0',
  messageId: '7330011234567896-9f2c01d4a7be3306-7330011234999999:0',
  topic: 'coupon.expired',
  subject: 'couponId:7330011234567890',
  status: 'PENDING',
  attempts: 1,
  lastStatus: 500,
  lastError: 'STATUS',
  nextAttemptAt: '2030-01-01T01:00:05.000Z',
  createdAt: '2030-01-01T01:00:00.000Z',
  finishedAt: null,
  body: {
    type: 'coupon.expired',
    timestamp: '2030-01-01T01:00:00.000Z',
    eventId: '9f2c01d4a7be3306-7330011234999999:0',
    data: { couponId: '7330011234567890', userId: '42' },
  },
};

export const webhookJson = (webhook: Webhook): z.input<typeof WebhookView> => ({
  webhookId: String(webhook.id),
  url: webhook.url,
  topics: [...webhook.topics],
  description: webhook.description,
  enabled: webhook.enabled,
  disabledReason: webhook.disabledReason === undefined ? null : oneOf(DISABLED_REASONS, webhook.disabledReason),
  disabledAt: instantOrNull(webhook.disabledAt),
  failures: webhook.failures,
  failingSince: instantOrNull(webhook.failingSince),
  resumesAt: instantOrNull(webhook.resumesAt),
  waiting: webhook.waiting,
  previousSecretUntil: instantOrNull(webhook.previousSecretUntil),
  createdAt: requiredInstant(webhook.createdAt),
  updatedAt: requiredInstant(webhook.updatedAt),
});

export const deliveryJson = (delivery: WebhookDelivery): z.input<typeof WebhookDeliveryView> => ({
  deliveryId: String(delivery.id),
  eventId: delivery.eventId,
  messageId: delivery.messageId,
  topic: delivery.topic,
  subject: delivery.subject,
  status: oneOf(DELIVERY_STATUSES, delivery.status),
  attempts: delivery.attempts,
  lastStatus: delivery.lastStatus ?? null,
  lastError: delivery.lastError ?? null,
  nextAttemptAt: instantOrNull(delivery.nextAttemptAt),
  createdAt: requiredInstant(delivery.createdAt),
  finishedAt: instantOrNull(delivery.finishedAt),
  body: delivery.body === undefined ? null : JSON.parse(delivery.body),
});
