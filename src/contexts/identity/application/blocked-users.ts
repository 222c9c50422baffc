import type { ListBlockedUsersRequest, ListBlockedUsersResponse } from '../api.ts';
import type { ExternalUserStore } from './ports.ts';

/** Of users in a response. */
const PAGE = 10_000;
/** A change becomes visible at the commit, after its time, and the clocks of nodes differ. So a reader looks this much further back. */
const OVERLAP_MS = 15_000;

/** Called by each node at its start, page by page, for all of them, then every second for the changes. */
export const listBlockedUsers =
  (store: Pick<ExternalUserStore, 'blocked' | 'statusChangesFrom'>) =>
  async ({ since, afterUserId }: ListBlockedUsersRequest): Promise<ListBlockedUsersResponse> => {
    if (since === undefined) return { userIds: await store.blocked(afterUserId, PAGE), unblockedUserIds: [] };
    const changes = await store.statusChangesFrom(new Date(since.getTime() - OVERLAP_MS), PAGE);
    const idsOf = (isBlocked: boolean) =>
      changes.filter(({ status }) => (status !== 'ACTIVE') === isBlocked).map(({ id }) => id);
    return { userIds: idsOf(true), unblockedUserIds: idsOf(false) };
  };
