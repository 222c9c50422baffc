import type { GetProfileRequest, GetProfileResponse } from '../../../gen/stampede/identity/v1/identity.ts';
import { refused, toUser } from './answers.ts';
import type { IdentityPorts } from './ports.ts';

/** USER_NOT_FOUND for a customer whom the shop's own login vouches for and who never signed up here. */
export const getProfile =
  ({ store }: IdentityPorts) =>
  async ({ userId }: GetProfileRequest): Promise<GetProfileResponse> => {
    const user = await store.userById(userId);
    return user === undefined ? refused('USER_NOT_FOUND') : { outcome: { $case: 'user', value: toUser(user) } };
  };
