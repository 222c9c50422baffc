import { executeOnce, type Responding } from '../../../platform/kernel/command-key.ts';
import { type CreateApiKeyRequest, type CreateApiKeyResponse, stored } from '../api.ts';
import { type ApiKeyRecord, isRateLimit, normaliseScopes } from '../domain/api-key.ts';
import { normaliseName } from '../domain/profile.ts';
import { API_KEY_PREFIX, formatSecret } from '../domain/secret-text.ts';
import type { IdentityPorts } from './ports.ts';
import { expiryOver, toApiKey } from './responses.ts';

/**
 * Creates a key. Only this response contains its secret; a replay does not. The edge admits only administrators and validates the fields,
 * so an invalid field is a bug. Refused: IDEMPOTENCY_KEY_REUSED; VALIDATION_FAILED for an expiry that is over.
 * @throws RangeError for an invalid field
 */
export const createApiKey =
  ({ store, secrets, clock, nextId }: IdentityPorts) =>
  async (request: CreateApiKeyRequest): Promise<CreateApiKeyResponse> => {
    const name = normaliseName(request.name);
    const scopes = normaliseScopes(request.scopes);
    const rateLimit = request.rateLimit ?? null;
    if (name === undefined || scopes === undefined || !isRateLimit(rateLimit)) {
      throw new RangeError('createApiKey: name, scopes or limit are not valid');
    }

    const secret = secrets.random();
    const key: ApiKeyRecord = {
      id: nextId(),
      name,
      scopes,
      createdBy: request.createdBy,
      createdAt: new Date(clock()),
      lastUsedAt: null,
      expiresAt: request.expiresAt ?? null,
      rateLimit,
      revokedAt: null,
    };
    const response = await executeOnce(request.commandKey, RESPONDING, (idempotency) =>
      store.addApiKey(key, secrets.digest(secret), idempotency),
    );
    if (response.replayed || response.refusal) return response;
    return { ...response, secret: formatSecret(API_KEY_PREFIX, { id: key.id, secret }) };
  };

/** The stored result contains no secret. */
const RESPONDING: Responding<ApiKeyRecord | 'EXPIRY_OVER', CreateApiKeyResponse> = {
  type: stored.CreateApiKeyResponse,
  refused: (refusal) => ({ apiKey: undefined, secret: '', refusal }),
  respond: (key) =>
    key === 'EXPIRY_OVER'
      ? { apiKey: undefined, secret: '', refusal: expiryOver }
      : { apiKey: toApiKey(key), secret: '' },
  isStored: ({ refusal }) => refusal === undefined,
};
