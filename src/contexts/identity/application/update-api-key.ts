import { executeOnce, type Responding } from '../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import { stored, type UpdateApiKeyRequest, type UpdateApiKeyResponse } from '../api.ts';
import { type ApiKeyChange, type ApiKeyRecord, isRateLimit, normaliseScopes } from '../domain/api-key.ts';
import { normaliseName } from '../domain/profile.ts';
import { refuse } from '../refusals.ts';
import type { IdentityPorts } from './ports.ts';
import { expiryOver, toApiKey } from './responses.ts';

/**
 * Changes the fields that are set. Nodes that have the key cached use it as it was until their cache expires. The edge admits only
 * administrators and validates the fields, so an invalid field is a bug. Refused: API_KEY_NOT_FOUND, IDEMPOTENCY_KEY_REUSED;
 * VALIDATION_FAILED for an expiry that is over.
 * @throws RangeError for an invalid field
 */
export const updateApiKey =
  ({ store, clock }: IdentityPorts) =>
  async (request: UpdateApiKeyRequest): Promise<UpdateApiKeyResponse> => {
    const change = changeOf(request);
    return await executeOnce(request.commandKey, RESPONDING, (idempotency) =>
      store.changeApiKey(request.id, change, new Date(clock()), idempotency),
    );
  };

function changeOf({ name, scopes, rateLimit, expiry }: UpdateApiKeyRequest): ApiKeyChange {
  const normalised = {
    name: name === undefined ? undefined : (normaliseName(name) ?? invalid('name')),
    scopes: scopes === undefined ? undefined : (normaliseScopes(scopes.scopes) ?? invalid('scopes')),
  };
  const limit = rateLimit === undefined ? undefined : (rateLimit.requestsPerMinute ?? null);
  if (limit !== undefined && !isRateLimit(limit)) invalid('rateLimit');
  return {
    ...(normalised.name !== undefined && { name: normalised.name }),
    ...(normalised.scopes !== undefined && { scopes: normalised.scopes }),
    ...(limit !== undefined && { rateLimit: limit }),
    ...(expiry !== undefined && { expiresAt: expiry.expiresAt ?? null }),
  };
}

function invalid(field: string): never {
  throw new RangeError(`updateApiKey: ${field} is not valid`);
}

const RESPONDING: Responding<ApiKeyRecord | 'EXPIRY_OVER' | undefined, UpdateApiKeyResponse> = {
  type: stored.UpdateApiKeyResponse,
  refused: toRefusalResponse,
  respond(key) {
    if (key === undefined) return toRefusalResponse(refuse('API_KEY_NOT_FOUND'));
    return key === 'EXPIRY_OVER'
      ? toRefusalResponse(expiryOver)
      : { outcome: { $case: 'apiKey', value: toApiKey(key) } };
  },
};
