import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import type { GetProfileRequest, GetProfileResponse } from '../api.ts';
import { refuse } from '../refusals.ts';
import type { IdentityPorts } from './ports.ts';
import { toUser } from './responses.ts';

/** Refused: USER_NOT_FOUND, for a customer with a token of the shop's own login who has not signed up here. */
export const getProfile =
  ({ store }: IdentityPorts) =>
  async ({ userId }: GetProfileRequest): Promise<GetProfileResponse> => {
    const user = await store.userById(userId);
    return user === undefined
      ? toRefusalResponse(refuse('USER_NOT_FOUND'))
      : { outcome: { $case: 'user', value: toUser(user) } };
  };
