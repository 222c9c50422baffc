import type { ListRevokedSessionsRequest, ListRevokedSessionsResponse } from '../api.ts';
import { revocationsFrom } from '../domain/revocations.ts';
import type { IdentityPorts } from './ports.ts';

/** Called by each node every few seconds. The window is limited by the lifetime of an access token. */
export const listRevokedSessions =
  ({ store, clock, accessTokenLifeSeconds }: IdentityPorts) =>
  async ({ since }: ListRevokedSessionsRequest): Promise<ListRevokedSessionsResponse> => {
    const from = revocationsFrom(since, accessTokenLifeSeconds * 1000, new Date(clock()));
    return { sessionIds: (await store.revokedFrom(from)).map(String) };
  };
