import { z } from 'zod';
import { escapedExternalId, type IdentityService, parseExternalId } from '../../../contexts/identity/api.ts';
import type { BlockedUsers } from '../../auth/blocked-users.ts';
import { toProto } from '../../auth/principal.ts';
import type { PrivilegedUsers } from '../../auth/privileged-users.ts';
import type { RevokedSessions } from '../../auth/revoked-sessions.ts';
import { valueFrom } from '../../problems/problem.ts';
import { type Route, route } from '../../server/route.ts';
import { PathUserId, pageJson, pageOf, pageView } from '../../server/schemas.ts';
import type { FileUrl } from '../files/file-url.ts';
import {
  MANAGED_USER_EXAMPLE,
  ManagedUserView,
  managedUserJson,
  UserChangeBody,
  UsersQuery,
} from './identity.schemas.ts';

const ADMINS = ['ADMIN'] as const;
const OneUser = z.strictObject({ id: PathUserId });

export function usersRoutes({
  identity,
  revoked,
  privileged,
  blocked,
  fileUrl,
}: {
  readonly identity: IdentityService;
  readonly revoked: RevokedSessions;
  readonly privileged: Pick<PrivilegedUsers, 'add'>;
  readonly blocked: Pick<BlockedUsers, 'add' | 'delete'>;
  readonly fileUrl: FileUrl;
}): readonly Route[] {
  /** A list of the one user, or of none: a user has one external id at most. */
  async function listExternalUser(
    externalId: string,
    { email, role }: { readonly email?: string | undefined; readonly role?: string | undefined },
  ) {
    const name = parseExternalId(escapedExternalId(externalId));
    const [id = 0n] = name === undefined ? [] : (await identity.findExternalUsers({ users: [name] })).userIds;
    const found = id === 0n ? undefined : valueFrom((await identity.getUser({ userId: id })).outcome);
    const isListed = found !== undefined && email === undefined && (role === undefined || role === found.role);
    return { users: isListed ? [managedUserJson(found, fileUrl)] : [], ...pageJson(undefined) };
  }

  return [
    route({
      id: 'listUsers',
      tag: 'identity',
      method: 'GET',
      paths: ['/api/v1/users'],
      summary: 'List users, newest first',
      description:
        'By e-mail address, by external id, by role, or all. A deleted account has neither an address nor a name any more.',
      access: ADMINS,
      scope: 'users:read',
      status: 200,
      response: {
        schema: pageView('users', ManagedUserView).meta({ id: 'UserList' }),
        example: { users: [MANAGED_USER_EXAMPLE], nextCursor: null, hasMore: false },
      },
      noStore: true,
      query: UsersQuery,
      async handle({ query }) {
        const { email, role, externalId } = query;
        if (externalId !== undefined) return await listExternalUser(externalId, query);
        const { users, nextCursor } = await identity.listUsers({ page: pageOf(query), email, role });
        return { users: users.map((user) => managedUserJson(user, fileUrl)), ...pageJson(nextCursor) };
      },
    }),
    route({
      id: 'getUser',
      tag: 'identity',
      method: 'GET',
      paths: ['/api/v1/users/:id'],
      summary: 'Read a user',
      access: ADMINS,
      scope: 'users:read',
      status: 200,
      response: { schema: ManagedUserView, example: MANAGED_USER_EXAMPLE },
      refusals: ['USER_NOT_FOUND'],
      noStore: true,
      params: OneUser,
      async handle({ params: { id } }) {
        return managedUserJson(valueFrom((await identity.getUser({ userId: id })).outcome), fileUrl);
      },
    }),
    route({
      id: 'updateUser',
      tag: 'identity',
      method: 'PATCH',
      paths: ['/api/v1/users/:id'],
      summary: 'Change the status, role or sessions of a user',
      description:
        'Only the fields that are given change. A lock and another role end every session of the user: the access tokens are refused at once ' +
        'here and within a second everywhere; those of other issuers when the user is locked. Only an ADMIN gives a role, and no machine changes an ADMIN. ' +
        'The last active ADMIN who signed up here stays one.',
      access: ADMINS,
      scope: 'users:write',
      status: 200,
      response: { schema: ManagedUserView, example: { ...MANAGED_USER_EXAMPLE, status: 'LOCKED' } },
      bodyExample: { status: 'LOCKED' },
      refusals: ['USER_NOT_FOUND', 'LAST_ADMIN'],
      idempotent: true,
      noStore: true,
      params: OneUser,
      body: UserChangeBody,
      async handle({ principal, call, params: { id }, body: { role, status, endSessions = false } }) {
        const by = toProto(principal);
        const message = { principal: by, userId: id, role, status, endSessions, commandKey: call.takeCommandKey() };
        const { user, endedSessionIds } = call.valueFrom(await identity.updateUser(message));
        if (user === undefined) throw new Error('the identity context changed a user without returning it');
        for (const sessionId of endedSessionIds) revoked.add(sessionId);
        if (user.role !== 'CUSTOMER') privileged.add(user.id);
        if (user.status === 'ACTIVE') blocked.delete(user.id);
        else blocked.add(user.id);
        return managedUserJson(user, fileUrl);
      },
    }),
  ];
}
