import { cutPage, readPage } from '../../../platform/kernel/pages.ts';
import type { ListUsersRequest, ListUsersResponse } from '../api.ts';
import { normaliseEmail } from '../domain/email.ts';
import { isRole } from '../domain/user.ts';
import type { IdentityPorts } from './ports.ts';
import { toUser } from './responses.ts';

const NONE: ListUsersResponse = { users: [], nextCursor: undefined };

/** Users, newest first, by e-mail address and role. Returns no user for an address, a role or a cursor that cannot be one. */
export const listUsers =
  ({ store }: IdentityPorts) =>
  async (request: ListUsersRequest): Promise<ListUsersResponse> => {
    const page = readPage(request.page);
    const email = request.email === undefined ? undefined : normaliseEmail(request.email);
    const { role } = request;
    if (page === undefined || (request.email !== undefined && email === undefined)) return NONE;
    if (role !== undefined && !isRole(role)) return NONE;
    // One more than requested shows whether there is a next page, without counting.
    const found = await store.users({ limit: page.limit + 1, before: page.before, email, role });
    const { rows, nextCursor } = cutPage(found, page.limit, ({ id }) => id);
    return { users: rows.map(toUser), nextCursor };
  };
