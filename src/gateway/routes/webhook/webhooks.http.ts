import { ENDPOINTS_MAX, type WebhookService } from '../../../contexts/webhook/api.ts';
import { valueFrom } from '../../problems/problem.ts';
import { type Route, route } from '../../server/route.ts';
import { pageJson, pageOf, pageView } from '../../server/schemas.ts';
import {
  CREATE_EXAMPLE,
  CreateBody,
  OneWebhook,
  RotateBody,
  SECRET_EXAMPLE,
  UpdateBody,
  WEBHOOK_EXAMPLE,
  WebhooksQuery,
  WebhookView,
  WebhookWithSecretView,
  webhookJson,
} from './webhook.schemas.ts';

const BASE = '/api/v1/webhooks';
const SECRET_NOTE =
  'The secret is only in this response. A repeat with the same Idempotency-Key has no further effect and gets a response without `secret`.';

/** Endpoints to which events are sent. */
export function webhooksRoutes({ webhook }: { readonly webhook: WebhookService }): readonly Route[] {
  const shared = { tag: 'webhooks', access: ['ADMIN'], scope: 'webhooks:write' } as const;
  const one = { params: OneWebhook, refusals: ['WEBHOOK_NOT_FOUND'] } as const;
  const shown = { schema: WebhookView, example: WEBHOOK_EXAMPLE };
  const withSecret = { schema: WebhookWithSecretView, example: SECRET_EXAMPLE };

  return [
    route({
      ...shared,
      id: 'createWebhook',
      method: 'POST',
      paths: [BASE],
      summary: 'Create a webhook',
      description: `Events that happen from now on are sent as signed requests (Standard Webhooks), at least once, in order for each subject. At most ${ENDPOINTS_MAX} webhooks. ${SECRET_NOTE}`,
      status: 201,
      response: withSecret,
      bodyExample: CREATE_EXAMPLE,
      refusals: ['WEBHOOK_LIMIT_REACHED'],
      idempotent: true,
      body: CreateBody,
      async handle({ call, body }) {
        const response = await webhook.createWebhook({ ...body, commandKey: call.takeCommandKey() });
        const json = webhookJson(call.valueFrom(response));
        return response.secret === undefined ? json : { ...json, secret: response.secret };
      },
    }),
    route({
      ...shared,
      id: 'listWebhooks',
      method: 'GET',
      paths: [BASE],
      summary: 'List webhooks, newest first',
      status: 200,
      response: {
        schema: pageView('webhooks', WebhookView).meta({ id: 'WebhookList' }),
        example: { webhooks: [WEBHOOK_EXAMPLE], nextCursor: null, hasMore: false },
      },
      query: WebhooksQuery,
      async handle({ query }) {
        const { webhooks, nextCursor } = await webhook.listWebhooks({ page: pageOf(query) });
        return { webhooks: webhooks.map(webhookJson), ...pageJson(nextCursor) };
      },
    }),
    route({
      ...shared,
      ...one,
      id: 'getWebhook',
      method: 'GET',
      paths: [`${BASE}/:id`],
      summary: 'Read a webhook with its state and waiting deliveries',
      status: 200,
      response: shown,
      async handle({ params: { id } }) {
        return webhookJson(valueFrom((await webhook.getWebhook({ id })).outcome));
      },
    }),
    route({
      ...shared,
      ...one,
      id: 'updateWebhook',
      method: 'PATCH',
      paths: [`${BASE}/:id`],
      summary: 'Change, disable or enable a webhook',
      description:
        'Only the fields that are given change. While it is disabled, events are not stored for it; what waited before is kept, and is sent when it is enabled. ' +
        'Another URL, and enabling, forget earlier failures.',
      status: 200,
      response: shown,
      bodyExample: { enabled: false },
      idempotent: true,
      body: UpdateBody,
      async handle({ call, params: { id }, body: { topics, ...fields } }) {
        const { url, description, enabled } = fields;
        const message = { id, url, description, enabled, topics: topics && { names: topics } };
        return webhookJson(
          call.valueFrom(await webhook.updateWebhook({ ...message, commandKey: call.takeCommandKey() })),
        );
      },
    }),
    route({
      ...shared,
      ...one,
      id: 'deleteWebhook',
      method: 'DELETE',
      paths: [`${BASE}/:id`],
      summary: 'Delete a webhook and its deliveries',
      description: 'A repeat without the same Idempotency-Key gets 404.',
      status: 204,
      idempotent: true,
      async handle({ call, params: { id } }): Promise<void> {
        call.valueFrom(await webhook.deleteWebhook({ id, commandKey: call.takeCommandKey() }));
      },
    }),
    route({
      ...shared,
      ...one,
      id: 'rotateWebhookSecret',
      method: 'POST',
      paths: [`${BASE}/:id/rotate-secret`],
      summary: 'Replace the secret of a webhook',
      description: `Until \`previousSecretUntil\` each request has two signatures, so that a receiver may change its secret at any time. ${SECRET_NOTE}`,
      status: 200,
      response: {
        ...withSecret,
        example: { ...SECRET_EXAMPLE, previousSecretUntil: '2030-01-02T01:00:00.000Z' },
      },
      bodyExample: { overlapHours: 24 },
      idempotent: true,
      body: RotateBody,
      async handle({ call, params: { id }, body: { overlapHours } }) {
        const response = await webhook.rotateWebhookSecret({ id, overlapHours, commandKey: call.takeCommandKey() });
        const json = webhookJson(call.valueFrom(response));
        return response.secret === undefined ? json : { ...json, secret: response.secret };
      },
    }),
  ];
}
