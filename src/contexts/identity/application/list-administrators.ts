import type { ListAdministratorsResponse } from '../api.ts';
import type { IdentityPorts } from './ports.ts';

/** Returns the ids of all administrators, each once, in any order. */
export const listAdministrators =
  ({ store }: Pick<IdentityPorts, 'store'>) =>
  async (): Promise<ListAdministratorsResponse> => {
    const users = await store.privilegedUsersFrom(undefined);
    // Who is one here and by the tokens of another issuer is listed twice.
    return { userIds: [...new Set(users.filter(({ role }) => role === 'ADMIN').map(({ id }) => id))] };
  };
