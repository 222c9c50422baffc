import { isSubject } from '../../../platform/kernel/subject.ts';
import type {
  AddExternalUsersRequest,
  ExternalUser,
  ExternalUserIds,
  FindExternalUsersRequest,
  GetExternalIdsRequest,
  GetExternalIdsResponse,
} from '../api.ts';
import { EXTERNAL_USERS_MAX, type ExternalSubject, externalIdOf, isIssuerName } from '../domain/external-user.ts';
import { isRole } from '../domain/user.ts';
import type { ExternalUserStore, IdentityPorts, SeenExternalUser } from './ports.ts';

/**
 * Returns the ids of users whom other issuers name, in their order, and adds those who are not known. Any number of nodes may add the same user: the
 * user has one id.
 * @throws Error for a name that cannot be one, and for more than EXTERNAL_USERS_MAX
 */
export const addExternalUsers =
  (store: Pick<ExternalUserStore, 'add'>, { clock, nextId }: Pick<IdentityPorts, 'clock' | 'nextId'>) =>
  async ({ users }: AddExternalUsersRequest): Promise<ExternalUserIds> => {
    const seen = users.map(({ user, role }): SeenExternalUser => {
      if (!isRole(role)) throw new Error('a user of another issuer has a role that no user has');
      return { ...nameOf(user), role };
    });
    refuseMany(seen);
    const ids = seen.map(() => nextId());
    return { userIds: seen.length === 0 ? [] : await store.add(seen, ids, new Date(clock())) };
  };

/** The same without adding any: 0 for those who are not known. */
export const findExternalUsers =
  (store: Pick<ExternalUserStore, 'find'>) =>
  async ({ users }: FindExternalUsersRequest): Promise<ExternalUserIds> => {
    const names = users.map(nameOf);
    refuseMany(names);
    const found = names.length === 0 ? [] : await store.find(names);
    return { userIds: found.map((id) => id ?? 0n) };
  };

/** Returns the external ids of those users who have one, in any order. */
export const getExternalIds =
  (store: Pick<ExternalUserStore, 'names'>) =>
  async ({ userIds }: GetExternalIdsRequest): Promise<GetExternalIdsResponse> => {
    if (userIds.length === 0) return { externalIds: [] };
    const names = await store.names(userIds);
    return { externalIds: names.map(({ userId, ...name }) => ({ userId, externalId: externalIdOf(name) })) };
  };

function nameOf(user: ExternalUser | undefined): ExternalSubject {
  if (user === undefined || !isIssuerName(user.issuer) || !isSubject(user.subject))
    throw new Error('this is not the name of a user of another issuer');
  return user;
}

function refuseMany(names: readonly ExternalSubject[]): void {
  if (names.length > EXTERNAL_USERS_MAX)
    throw new Error(`more than ${EXTERNAL_USERS_MAX} users of other issuers in one request`);
}
