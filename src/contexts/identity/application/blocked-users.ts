import type { ListBlockedUsersRequest, ListBlockedUsersResponse } from '../api.ts';
import type { ExternalUserStore } from './ports.ts';

/** Of users in a response. */
const PAGE = 10_000;

/**
 * Called by each node at its start, page by page, for all of them, then every second for the changes. A change becomes visible at the commit, after its
 * time, and the clocks of nodes differ: a reader looks further back than its last read.
 */
export const listBlockedUsers =
  (store: Pick<ExternalUserStore, 'blocked' | 'statusChangesFrom'>, page = PAGE) =>
  async ({ since, afterUserId }: ListBlockedUsersRequest): Promise<ListBlockedUsersResponse> => {
    if (since === undefined) {
      const userIds = await store.blocked(afterUserId, page);
      const last = userIds.length < page ? undefined : userIds.at(-1);
      return {
        userIds,
        unblockedUserIds: [],
        nextPage: last === undefined ? undefined : { since: undefined, afterUserId: last },
      };
    }
    const changes = await store.statusChangesFrom({ at: since, afterId: afterUserId }, page);
    const last = changes.length < page ? undefined : changes.at(-1);
    const idsOf = (isBlocked: boolean) =>
      changes.filter(({ status }) => (status !== 'ACTIVE') === isBlocked).map(({ id }) => id);
    return {
      userIds: idsOf(true),
      unblockedUserIds: idsOf(false),
      nextPage: last === undefined ? undefined : { since: last.changedAt, afterUserId: last.id },
    };
  };
