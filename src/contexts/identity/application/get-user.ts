import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import type { GetUserRequest, GetUserResponse } from '../api.ts';
import { refuse } from '../refusals.ts';
import type { IdentityPorts } from './ports.ts';
import { toUser } from './responses.ts';

/** Any user, for administrators; also a locked or deleted one. Refused: USER_NOT_FOUND. */
export const getUser =
  ({ store }: IdentityPorts) =>
  async ({ userId }: GetUserRequest): Promise<GetUserResponse> => {
    const user = await store.userById(userId);
    return user === undefined
      ? toRefusalResponse(refuse('USER_NOT_FOUND'))
      : { outcome: { $case: 'user', value: toUser(user) } };
  };
