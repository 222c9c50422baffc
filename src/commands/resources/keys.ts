import { arg, list, number, type Resource, text } from './verb.ts';

const BASE = '/api/v1/auth/api-keys';
const ID = arg('id', 'the key');

export const KEYS: Resource = {
  name: 'keys',
  description: 'API keys of machines',
  columns: ['apiKeyId', 'name', 'prefix', 'scopes', 'rateLimit', 'lastUsedAt', 'expiresAt'],
  verbs: [
    { name: 'list', description: 'list the keys', method: 'GET', path: BASE, list: 'apiKeys' },
    {
      name: 'create',
      description: 'create a key; its secret is shown this once',
      method: 'POST',
      path: BASE,
      body: [
        text('name', 'of the machine', { required: true }),
        list('scopes', 'what it may do, such as coupons:issue,coupons:read', { required: true }),
        number('rateLimit', 'requests a minute'),
        text('expiresAt', 'when it ends'),
      ],
    },
    {
      name: 'update',
      description: 'change a key; its secret stays',
      method: 'PATCH',
      path: `${BASE}/{id}`,
      args: [ID],
      body: [
        text('name', 'of the machine'),
        list('scopes', 'all that it may do'),
        number('rateLimit', 'requests a minute'),
        text('expiresAt', 'when it ends'),
      ],
    },
    {
      name: 'revoke',
      description: 'revoke a key for ever',
      method: 'DELETE',
      path: `${BASE}/{id}`,
      args: [ID],
      done: 'The key is revoked.',
    },
  ],
};
