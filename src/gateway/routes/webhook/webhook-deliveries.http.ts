import type { WebhookService } from '../../../contexts/webhook/api.ts';
import { valueFrom } from '../../problems/problem.ts';
import { type Route, route } from '../../server/route.ts';
import { EmptyBody, pageJson, pageOf, pageView } from '../../server/schemas.ts';
import {
  DELIVERY_EXAMPLE,
  DeliveriesQuery,
  deliveryJson,
  OneDelivery,
  OneWebhook,
  WebhookDeliveryView,
} from './webhook.schemas.ts';

const BASE = '/api/v1/webhooks/:id';

/** What is sent to webhooks. */
export function webhookDeliveriesRoutes({ webhook }: { readonly webhook: WebhookService }): readonly Route[] {
  const shared = { tag: 'webhooks', access: ['ADMIN'], scope: 'webhooks:write' } as const;
  const added = {
    schema: WebhookDeliveryView,
    example: { ...DELIVERY_EXAMPLE, attempts: 0, lastStatus: null, lastError: null },
  };

  return [
    route({
      ...shared,
      id: 'testWebhook',
      method: 'POST',
      paths: [`${BASE}/test`],
      summary: 'Send a test event to a webhook',
      description: 'Of type `webhook.test`, at once, whatever its topics. A webhook that fails is tried with it.',
      status: 202,
      response: added,
      refusals: ['WEBHOOK_NOT_FOUND', 'WEBHOOK_DISABLED'],
      idempotent: true,
      params: OneWebhook,
      bodyExample: {},
      body: EmptyBody,
      async handle({ call, params: { id } }) {
        return deliveryJson(call.valueFrom(await webhook.testWebhook({ id, commandKey: call.takeCommandKey() })));
      },
    }),
    route({
      ...shared,
      id: 'listWebhookDeliveries',
      method: 'GET',
      paths: [`${BASE}/deliveries`],
      summary: 'List deliveries of a webhook, newest first',
      description: 'Finished ones are kept for `WEBHOOK_KEPT_DAYS`.',
      status: 200,
      response: {
        schema: pageView('deliveries', WebhookDeliveryView).meta({ id: 'WebhookDeliveryList' }),
        example: { deliveries: [DELIVERY_EXAMPLE], nextCursor: null, hasMore: false },
      },
      refusals: ['WEBHOOK_NOT_FOUND'],
      params: OneWebhook,
      query: DeliveriesQuery,
      async handle({ params: { id }, query }) {
        const message = { id, status: query.status, page: pageOf(query) };
        const { deliveries, nextCursor } = valueFrom((await webhook.listWebhookDeliveries(message)).outcome);
        return { deliveries: deliveries.map(deliveryJson), ...pageJson(nextCursor) };
      },
    }),
    route({
      ...shared,
      id: 'replayWebhookDelivery',
      method: 'POST',
      paths: [`${BASE}/deliveries/:deliveryId/replay`],
      summary: 'Send a delivery again',
      description:
        'At once and with the same `webhook-id`, also one that arrived. A webhook that fails is tried with it.',
      status: 202,
      response: added,
      refusals: ['WEBHOOK_NOT_FOUND', 'WEBHOOK_DELIVERY_NOT_FOUND', 'WEBHOOK_DELIVERY_ERASED', 'WEBHOOK_DISABLED'],
      idempotent: true,
      params: OneDelivery,
      bodyExample: {},
      body: EmptyBody,
      async handle({ call, params: { id, deliveryId } }) {
        const message = { id, deliveryId, commandKey: call.takeCommandKey() };
        return deliveryJson(call.valueFrom(await webhook.replayWebhookDelivery(message)));
      },
    }),
  ];
}
