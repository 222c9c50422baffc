import { executeOnce, type Responding } from '../../../platform/kernel/command-key.ts';
import { type RevokeApiKeyRequest, type RevokeApiKeyResponse, stored } from '../api.ts';
import type { IdentityPorts } from './ports.ts';

/** Revokes a key. Nodes that have it cached accept it until their cache expires. */
export const revokeApiKey =
  ({ store, clock }: IdentityPorts) =>
  ({ id, commandKey }: RevokeApiKeyRequest): Promise<RevokeApiKeyResponse> =>
    executeOnce(commandKey, RESPONDING, (idempotency) => store.revokeApiKey(id, new Date(clock()), idempotency));

const RESPONDING: Responding<boolean, RevokeApiKeyResponse> = {
  type: stored.RevokeApiKeyResponse,
  refused: (refusal) => ({ revoked: false, refusal }),
  respond: (revoked) => ({ revoked }),
  isStored: ({ revoked }) => revoked,
};
