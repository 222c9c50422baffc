import type { RevokeApiKeyRequest, RevokeApiKeyResponse } from '../../../gen/stampede/identity/v1/identity.ts';
import type { IdentityPorts } from './ports.ts';

/** From now on the key verifies no more; nodes that remember it forget it within their cache's life. */
export const revokeApiKey =
  ({ store, clock }: IdentityPorts) =>
  async ({ id }: RevokeApiKeyRequest): Promise<RevokeApiKeyResponse> => ({
    revoked: await store.revokeApiKey(id, new Date(clock())),
  });
