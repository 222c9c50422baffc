import { z } from 'zod';
import type { IdentityService } from '../../../contexts/identity/api.ts';
import { ProblemError } from '../../problems/problem.ts';
import { type Route, route } from '../../server/route.ts';
import { PageFields, PathId, pageJson, pageOf, pageView } from '../../server/schemas.ts';
import {
  API_KEY_EXAMPLE,
  ApiKeyBody,
  ApiKeyChangeBody,
  ApiKeyView,
  apiKeyJson,
  NewApiKeyView,
} from './identity.schemas.ts';

const ADMINS = ['ADMIN'] as const;
const OneKey = z.strictObject({ id: PathId });
const KeysQuery = z.strictObject(PageFields);

export const apiKeysRoutes = ({ identity }: { readonly identity: IdentityService }): readonly Route[] => [
  route({
    id: 'createApiKey',
    tag: 'identity',
    method: 'POST',
    paths: ['/api/v1/auth/api-keys'],
    summary: 'Create an API key for a machine',
    description:
      'The key acts with role SERVICE and may do what its scopes allow; without scopes it may do nothing. Its ' +
      'secret is only in this response and is not stored. A repeat with the same Idempotency-Key creates no second ' +
      'key and gets a response without `secret`: delete a key whose secret was lost.',
    access: ADMINS,
    scope: 'NEVER',
    status: 201,
    response: {
      schema: NewApiKeyView,
      example: { ...API_KEY_EXAMPLE, secret: `${API_KEY_EXAMPLE.prefix}_…` },
    },
    bodyExample: { name: 'till', scopes: ['coupons:issue'] },
    idempotent: true,
    body: ApiKeyBody,
    async handle({ principal, call, body }) {
      const message = {
        ...body,
        expiresAt: body.expiresAt,
        rateLimit: body.rateLimit,
        createdBy: principal.userId,
        commandKey: call.takeCommandKey(),
      };
      const response = await identity.createApiKey(message);
      const { apiKey, secret, refusal } = response;
      if (refusal) throw new ProblemError(refusal);
      call.noteReplay(response);
      if (apiKey === undefined) throw new Error('the identity context created an API key without returning it');
      return { ...apiKeyJson(apiKey), ...(secret === '' ? {} : { secret }) };
    },
  }),
  route({
    id: 'listApiKeys',
    tag: 'identity',
    method: 'GET',
    paths: ['/api/v1/auth/api-keys'],
    summary: 'List API keys, newest first',
    access: ADMINS,
    scope: 'NEVER',
    status: 200,
    response: {
      schema: pageView('apiKeys', ApiKeyView).meta({ id: 'ApiKeyList' }),
      example: { apiKeys: [API_KEY_EXAMPLE], nextCursor: null, hasMore: false },
    },
    query: KeysQuery,
    async handle({ query }) {
      const { apiKeys, nextCursor } = await identity.listApiKeys({ page: pageOf(query) });
      return { apiKeys: apiKeys.map(apiKeyJson), ...pageJson(nextCursor) };
    },
  }),
  route({
    id: 'updateApiKey',
    tag: 'identity',
    method: 'PATCH',
    paths: ['/api/v1/auth/api-keys/:id'],
    summary: 'Change an API key',
    description: 'Only the fields that are given change. It takes effect everywhere within 30 s.',
    access: ADMINS,
    scope: 'NEVER',
    status: 200,
    response: { schema: ApiKeyView, example: API_KEY_EXAMPLE },
    bodyExample: { rateLimit: 600 },
    refusals: ['API_KEY_NOT_FOUND'],
    idempotent: true,
    params: OneKey,
    body: ApiKeyChangeBody,
    async handle({ call, params: { id }, body: { name, scopes, rateLimit, expiresAt } }) {
      const message = {
        id,
        name,
        scopes: scopes && { scopes },
        // null is a value here: back to the default, or for ever.
        rateLimit: rateLimit === undefined ? undefined : { requestsPerMinute: rateLimit ?? undefined },
        expiry: expiresAt === undefined ? undefined : { expiresAt: expiresAt ?? undefined },
        commandKey: call.takeCommandKey(),
      };
      return apiKeyJson(call.valueFrom(await identity.updateApiKey(message)));
    },
  }),
  route({
    id: 'revokeApiKey',
    tag: 'identity',
    method: 'DELETE',
    paths: ['/api/v1/auth/api-keys/:id'],
    summary: 'Revoke an API key',
    description: 'It is refused everywhere within 30 s. A repeat without the same Idempotency-Key gets 404.',
    access: ADMINS,
    scope: 'NEVER',
    status: 204,
    refusals: ['API_KEY_NOT_FOUND'],
    idempotent: true,
    params: OneKey,
    async handle({ call, params: { id } }): Promise<void> {
      const response = await identity.revokeApiKey({ id, commandKey: call.takeCommandKey() });
      const { revoked, refusal } = response;
      if (refusal) throw new ProblemError(refusal);
      call.noteReplay(response);
      if (!revoked) throw new ProblemError('API_KEY_NOT_FOUND');
    },
  }),
];
