import type { RecordStatedRolesRequest, RecordStatedRolesResponse } from '../api.ts';
import { isPrivilegedRole, type PrivilegedRole } from '../domain/user.ts';
import type { IdentityPorts, StatedRoleStore } from './ports.ts';

/** Users of a request, so that a statement stays short. */
const USERS_MAX = 500;

/**
 * Records roles that tokens of another issuer state for users whose subject is an id here. A repeat, and a lower role, change nothing.
 * @throws Error for a role that is neither OWNER nor ADMIN, and for more than 500 users
 */
export const recordStatedRoles =
  (store: Pick<StatedRoleStore, 'record'>, { clock }: Pick<IdentityPorts, 'clock'>) =>
  async ({ users }: RecordStatedRolesRequest): Promise<RecordStatedRolesResponse> => {
    if (users.length > USERS_MAX) throw new Error(`more than ${USERS_MAX} stated roles in one request`);
    const highest = new Map<bigint, PrivilegedRole>();
    for (const { userId, role } of users) {
      if (!isPrivilegedRole(role)) throw new Error('a stated role is neither OWNER nor ADMIN');
      if (highest.get(userId) !== 'ADMIN') highest.set(userId, role);
    }
    const stated = [...highest].map(([userId, role]) => ({ userId, role }));
    if (stated.length > 0) await store.record(stated, new Date(clock()));
    return {};
  };
