import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import type { VerifyApiKeyRequest, VerifyApiKeyResponse } from '../api.ts';
import { isLive, isUseWorthNoting } from '../domain/api-key.ts';
import { API_KEY_PREFIX, parseSecret } from '../domain/secret-text.ts';
import { refuse } from '../refusals.ts';
import type { IdentityPorts } from './ports.ts';
import { toApiKey } from './responses.ts';

/** One look-up by id and one comparison, because a request with an API key must cost less than a log-in. */
export const verifyApiKey =
  ({ store, secrets, clock }: IdentityPorts) =>
  async (request: VerifyApiKeyRequest): Promise<VerifyApiKeyResponse> => {
    const shown = parseSecret(API_KEY_PREFIX, request.secret);
    const found = shown === undefined ? undefined : await store.apiKeyById(shown.id);
    if (shown === undefined || found === undefined) return toRefusalResponse(refuse('UNAUTHENTICATED'));
    const { key, secretDigest } = found;
    const now = new Date(clock());
    if (!secrets.matches(secretDigest, shown.secret) || !isLive(key, now))
      return toRefusalResponse(refuse('UNAUTHENTICATED'));

    if (isUseWorthNoting(key, now)) await store.noteApiKeyUse(key.id, now);
    return { outcome: { $case: 'apiKey', value: toApiKey(key) } };
  };
