import type { RecordStatedRolesRequest, RecordStatedRolesResponse } from '../api.ts';
import { EXTERNAL_USERS_MAX } from '../domain/external-user.ts';
import { highestRoles, isPrivilegedRole, type PrivilegedRole } from '../domain/user.ts';
import type { IdentityPorts, StatedRoleStore } from './ports.ts';

/**
 * Records roles that tokens of another issuer state for users whose subject is an id here. A repeat, and a lower role, change nothing.
 * @throws Error for a role that is neither OWNER nor ADMIN, and for more than EXTERNAL_USERS_MAX users
 */
export const recordStatedRoles =
  (store: Pick<StatedRoleStore, 'record'>, { clock }: Pick<IdentityPorts, 'clock'>) =>
  async ({ users }: RecordStatedRolesRequest): Promise<RecordStatedRolesResponse> => {
    if (users.length > EXTERNAL_USERS_MAX)
      throw new Error(`more than ${EXTERNAL_USERS_MAX} stated roles in one request`);
    const named = users.map(({ userId, role }): readonly [bigint, PrivilegedRole] => {
      if (!isPrivilegedRole(role)) throw new Error('a stated role is neither OWNER nor ADMIN');
      return [userId, role];
    });
    const stated = [...highestRoles(named)].map(([userId, role]) => ({ userId, role }));
    if (stated.length > 0) await store.record(stated, new Date(clock()));
    return {};
  };
