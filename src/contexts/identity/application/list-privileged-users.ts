import type { ListPrivilegedUsersRequest, ListPrivilegedUsersResponse } from '../api.ts';
import type { IdentityPorts } from './ports.ts';

/** A user becomes visible at the commit, after its time, and the clocks of nodes differ. So a reader looks this much further back. */
const OVERLAP_MS = 15_000;

/** Called by each node at its start for all of them, then every few seconds. Shops have few, so there are no pages. */
export const listPrivilegedUsers =
  ({ store }: IdentityPorts) =>
  async ({ since }: ListPrivilegedUsersRequest): Promise<ListPrivilegedUsersResponse> => {
    const from = since && new Date(since.getTime() - OVERLAP_MS);
    const users = await store.privilegedUsersFrom(from);
    const idsOf = (isPrivileged: boolean) =>
      users.filter(({ role }) => (role !== 'CUSTOMER') === isPrivileged).map(({ id }) => id);
    return { userIds: idsOf(true), formerUserIds: idsOf(false) };
  };
