import { executeOnce } from '../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import { stored, type UpdateProfileRequest, type UpdateProfileResponse } from '../api.ts';
import { normaliseImageUrl, normaliseName } from '../domain/profile.ts';
import type { UserRecord } from '../domain/user.ts';
import { refuse } from '../refusals.ts';
import type { IdentityPorts } from './ports.ts';
import { invalid, toUser } from './responses.ts';

/** Changes the fields that are set; an empty image URL removes the image. */
export const updateProfile =
  ({ store }: IdentityPorts) =>
  async (request: UpdateProfileRequest): Promise<UpdateProfileResponse> => {
    const name = request.name === undefined ? undefined : normaliseName(request.name);
    if (request.name !== undefined && name === undefined) return invalid('name');
    const requestedUrl = request.profileImageUrl;
    const image = requestedUrl === undefined || requestedUrl === '' ? null : normaliseImageUrl(requestedUrl);
    if (image === undefined) return invalid('profileImageUrl');

    const change = {
      ...(name !== undefined && { name }),
      ...(request.marketingConsent !== undefined && { marketingConsent: request.marketingConsent }),
      ...(requestedUrl !== undefined && { profileImageUrl: image }),
    };
    const respond = (user: UserRecord | undefined): UpdateProfileResponse =>
      user === undefined
        ? toRefusalResponse(refuse('USER_NOT_FOUND'))
        : { outcome: { $case: 'user', value: toUser(user) } };
    return await executeOnce(
      request.commandKey,
      { type: stored.UpdateProfileResponse, refused: toRefusalResponse, respond },
      (idempotency) => store.changeProfile(request.userId, change, idempotency),
    );
  };
