import { arg, list, number, type Resource, text } from './verb.ts';

const BASE = '/api/v1/webhooks';
const ID = arg('id', 'the webhook');
const DESCRIPTION = text('description', 'for people');
const DELIVERY_COLUMNS = [
  'deliveryId',
  'topic',
  'subject',
  'status',
  'attempts',
  'lastStatus',
  'lastError',
  'createdAt',
];

export const WEBHOOKS: Resource = {
  name: 'webhooks',
  description: 'addresses to which events are sent',
  columns: ['webhookId', 'url', 'topics', 'enabled', 'disabledReason', 'failures', 'waiting'],
  verbs: [
    { name: 'list', description: 'list webhooks, the newest first', method: 'GET', path: BASE, list: 'webhooks' },
    {
      name: 'get',
      description: 'show a webhook, how it responds, and how many deliveries wait',
      method: 'GET',
      path: `${BASE}/{id}`,
      args: [ID],
    },
    {
      name: 'create',
      description: 'send events to an address; the secret that signs them is shown this once',
      method: 'POST',
      path: BASE,
      args: [arg('url', 'the receiver, https; --url is the server to call')],
      body: [
        list('topics', 'names of events, such as order.paid,order.refunded, or *', { required: true }),
        DESCRIPTION,
      ],
    },
    {
      name: 'update',
      description: 'change a webhook',
      method: 'PATCH',
      path: `${BASE}/{id}`,
      args: [ID],
      body: [
        text('url', 'another receiver, https; --url is the server to call', { option: 'receiverUrl' }),
        list('topics', 'names of all events, or *'),
        DESCRIPTION,
      ],
      takesFile: true,
    },
    {
      name: 'enable',
      description: 'send again, also what waited, and forget failures',
      method: 'PATCH',
      path: `${BASE}/{id}`,
      args: [ID],
      constants: { enabled: true },
    },
    {
      name: 'disable',
      description: 'send nothing; what waits is kept, and events that come are not stored',
      method: 'PATCH',
      path: `${BASE}/{id}`,
      args: [ID],
      constants: { enabled: false },
    },
    {
      name: 'delete',
      description: 'delete a webhook and its deliveries',
      method: 'DELETE',
      path: `${BASE}/{id}`,
      args: [ID],
      done: 'The webhook is deleted.',
    },
    {
      name: 'rotate-secret',
      description: 'replace the secret; the new one is shown this once, and both sign for a while',
      method: 'POST',
      path: `${BASE}/{id}/rotate-secret`,
      args: [ID],
      body: [number('overlapHours', 'how long both sign, in hours: 0 to 168, else 24')],
    },
    {
      name: 'test',
      description: 'send a test event at once',
      method: 'POST',
      path: `${BASE}/{id}/test`,
      args: [ID],
      returns: 'deliveryId',
    },
    {
      name: 'deliveries',
      description: 'list what was sent and what waits, the newest first',
      method: 'GET',
      path: `${BASE}/{id}/deliveries`,
      args: [ID],
      list: 'deliveries',
      columns: DELIVERY_COLUMNS,
      query: [text('status', 'of this status', { choices: ['PENDING', 'DELIVERED', 'FAILED', 'DROPPED'] })],
    },
    {
      name: 'replay',
      description: 'send a delivery again',
      method: 'POST',
      path: `${BASE}/{id}/deliveries/{deliveryId}/replay`,
      args: [ID, arg('deliveryId', 'the delivery')],
      returns: 'deliveryId',
    },
  ],
};
