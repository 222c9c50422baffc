import { Body, Controller, Delete, Get, Header, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { IdentityService } from '../../../contexts/identity/api.ts';
import type { Principal } from '../../auth/principal.ts';
import { Keyed, type KeyedCall } from '../../idempotency/keyed-call.ts';
import { ProblemError } from '../../problems/problem.ts';
import { Operation } from '../../server/operation.ts';
import { CurrentPrincipal } from '../../server/request.ts';
import { PageFields, PathId, pageOf, pageView } from '../../server/schemas.ts';
import { IDENTITY_API } from '../../server/tokens.ts';
import { API_KEY_EXAMPLE, ApiKeyBody, ApiKeyView, apiKeyJson, NewApiKeyView } from './identity.schemas.ts';

const ADMINS = ['ADMIN'] as const;
const OneKey = z.strictObject({ id: PathId });
const KeysQuery = z.strictObject(PageFields);

@ApiTags('identity')
@Controller('api/v1/auth/api-keys')
export class ApiKeysController {
  readonly #identity: IdentityService;

  constructor(@Inject(IDENTITY_API) identity: IdentityService) {
    this.#identity = identity;
  }

  @Post()
  @Header('cache-control', 'no-store')
  @Operation({
    summary: 'Make an API key for a machine',
    description:
      'The key acts with role SERVICE within its scopes. Its secret is in this response only; it is not stored. A repeat ' +
      'with the same Idempotency-Key makes no second key and is answered without `secret`: delete a key whose secret was lost.',
    access: ADMINS,
    status: 201,
    response: {
      schema: NewApiKeyView,
      example: { ...API_KEY_EXAMPLE, secret: `${API_KEY_EXAMPLE.prefix}_…` },
    },
    bodyExample: { name: 'till', scopes: ['coupon:issue'] },
    idempotent: true,
  })
  async create(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Body({ schema: ApiKeyBody }) body: z.output<typeof ApiKeyBody>,
  ) {
    const message = { ...body, createdBy: principal.userId, commandKey: call.commandKey };
    const response = await this.#identity.createApiKey(message);
    const { apiKey, secret, refusal } = response;
    if (refusal) throw new ProblemError(refusal.code, refusal);
    call.noteReplay(response);
    if (apiKey === undefined) throw new Error('the identity context created an API key without returning it');
    return { ...apiKeyJson(apiKey), ...(secret === '' ? {} : { secret }) };
  }

  @Get()
  @Operation({
    summary: 'List API keys, newest first',
    access: ADMINS,
    status: 200,
    response: {
      schema: pageView('apiKeys', ApiKeyView),
      example: { apiKeys: [API_KEY_EXAMPLE], nextCursor: null, hasMore: false },
    },
    query: true,
  })
  async list(@Query({ schema: KeysQuery }) query: z.output<typeof KeysQuery>) {
    const { apiKeys, nextCursor } = await this.#identity.listApiKeys({ page: pageOf(query) });
    return { apiKeys: apiKeys.map(apiKeyJson), nextCursor: nextCursor ?? null, hasMore: nextCursor !== undefined };
  }

  @Delete(':id')
  @Operation({
    summary: 'Revoke an API key',
    description: 'It is refused everywhere within 30 s. A repeat without the same Idempotency-Key gets 404.',
    access: ADMINS,
    status: 204,
    refusals: ['API_KEY_NOT_FOUND'],
    idempotent: true,
  })
  async revoke(@Keyed() call: KeyedCall, @Param({ schema: OneKey }) { id }: z.output<typeof OneKey>): Promise<void> {
    const response = await this.#identity.revokeApiKey({ id, commandKey: call.commandKey });
    const { revoked, refusal } = response;
    if (refusal) throw new ProblemError(refusal.code, refusal);
    call.noteReplay(response);
    if (!revoked) throw new ProblemError('API_KEY_NOT_FOUND');
  }
}
