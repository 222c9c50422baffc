import type {
  ListRevokedSessionsRequest,
  ListRevokedSessionsResponse,
} from '../../../gen/stampede/identity/v1/identity.ts';
import { revocationsFrom } from '../domain/revocations.ts';
import type { IdentityPorts } from './ports.ts';

/** What a node asks every few seconds; the window is bounded by the life of an access token. */
export const listRevokedSessions =
  ({ store, clock, accessTokenLifeSeconds }: IdentityPorts) =>
  async ({ since }: ListRevokedSessionsRequest): Promise<ListRevokedSessionsResponse> => {
    const from = revocationsFrom(since, accessTokenLifeSeconds * 1000, new Date(clock()));
    return { sessionIds: (await store.revokedFrom(from)).map(String) };
  };
