import { z } from 'zod';
import type { NotificationService } from '../../../contexts/notification/api.ts';
import { subjectOf } from '../../auth/principal.ts';
import { valueFrom } from '../../problems/problem.ts';
import { type Route, route } from '../../server/route.ts';

const KEY_MAX = 200;
const CONTROLS = String.raw`\x00-\x1f\x7f-\x9f`;
const Endpoint = z
  .string()
  // Stated without a class of Unicode, which not every reader of the document knows.
  .regex(new RegExp(`^[^${CONTROLS}]+$`), 'must not hold control characters')
  .max(1_000);
/** A subscription as the browser turns it into JSON. When it expires is not used. */
const SubscriptionBody = z.strictObject({
  endpoint: Endpoint.meta({ description: 'An https URL of a push service of `PUSH_HOSTS`' }),
  expirationTime: z.number().nullable().optional(),
  keys: z
    .strictObject({ p256dh: z.string().max(KEY_MAX), auth: z.string().max(KEY_MAX) })
    .meta({ id: 'PushSubscriptionKeys' }),
});
const ENDPOINT = 'https://fcm.googleapis.com/fcm/send/e8nTqT0uV5E:APA91b';
const KeyView = z.strictObject({ publicKey: z.string() }).meta({ id: 'PushKey' });

/** Browsers that take notices of the caller. */
export const pushSubscriptionsRoutes = ({
  notification,
}: {
  readonly notification: Pick<NotificationService, 'getPushKey' | 'savePushSubscription' | 'deletePushSubscription'>;
}): readonly Route[] => [
  route({
    id: 'getPushKey',
    tag: 'notifications',
    method: 'GET',
    paths: ['/api/v1/notifications/push-key'],
    summary: 'Read the public key of web push',
    description: 'The `applicationServerKey` of `PushManager.subscribe()`.',
    access: 'ANYBODY',
    scope: 'users:read',
    status: 200,
    response: {
      schema: KeyView,
      example: { publicKey: 'BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8' },
    },
    refusals: ['PUSH_NOT_CONFIGURED'],
    handle: async () => ({ publicKey: valueFrom((await notification.getPushKey({})).outcome).publicKey }),
  }),
  route({
    id: 'savePushSubscription',
    tag: 'notifications',
    method: 'PUT',
    paths: ['/api/v1/notifications/push-subscriptions'],
    summary: 'Subscribe a browser to your notices',
    description:
      'What the browser took before is replaced: also of another user, when `auth` is the same, as it is where a browser is shared. A user has at most 10; the oldest goes.',
    access: 'ANY_TOKEN',
    scope: 'users:write',
    status: 204,
    idempotent: true,
    bodyExample: {
      endpoint: ENDPOINT,
      keys: {
        p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
        auth: 'BTBZMqHH6r4Tts7J_aSIgg',
      },
    },
    refusals: ['PUSH_NOT_CONFIGURED', 'PUSH_ENDPOINT_TAKEN', 'VALIDATION_FAILED', 'FORBIDDEN'],
    body: SubscriptionBody,
    async handle({ principal, call, body: { endpoint, keys } }): Promise<void> {
      const userId = subjectOf(principal, undefined);
      call.valueFrom(
        await notification.savePushSubscription({ userId, endpoint, ...keys, commandKey: call.takeCommandKey() }),
      );
    },
  }),
  route({
    id: 'deletePushSubscription',
    tag: 'notifications',
    method: 'DELETE',
    paths: ['/api/v1/notifications/push-subscriptions'],
    summary: 'Unsubscribe a browser from notices',
    description: 'A repeat, and a browser of another user, change nothing.',
    access: 'ANY_TOKEN',
    scope: 'users:write',
    status: 204,
    idempotent: true,
    query: z.strictObject({ endpoint: Endpoint }),
    async handle({ principal, call, query: { endpoint } }): Promise<void> {
      const userId = subjectOf(principal, undefined);
      call.valueFrom(
        await notification.deletePushSubscription({ userId, endpoint, commandKey: call.takeCommandKey() }),
      );
    },
  }),
];
