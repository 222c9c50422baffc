import { NO_IMAGE } from '../../../platform/files/no-image.ts';
import { executeOnce, Replay, type Responding } from '../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import { type SetProfileImageRequest, stored, type UpdateProfileRequest, type UpdateProfileResponse } from '../api.ts';
import { toLanguage } from '../domain/mail.ts';
import { IMAGE_SIDE_MAX, normaliseImageUrl, normaliseName } from '../domain/profile.ts';
import { refuse } from '../refusals.ts';
import type { IdentityPorts, ProfileOutcome } from './ports.ts';
import { invalid, toUser } from './responses.ts';

/** Changes the fields that are set; an empty image URL removes the image. */
export const updateProfile =
  ({ store, images, clock }: IdentityPorts) =>
  async (request: UpdateProfileRequest): Promise<UpdateProfileResponse> => {
    const name = request.name === undefined ? undefined : normaliseName(request.name);
    if (request.name !== undefined && name === undefined) return invalid('name');
    const requestedUrl = request.profileImageUrl;
    const image = requestedUrl === undefined || requestedUrl === '' ? null : normaliseImageUrl(requestedUrl);
    if (image === undefined) return invalid('profileImageUrl');

    const change = {
      ...(name !== undefined && { name }),
      ...(request.language !== undefined && { language: toLanguage(request.language) }),
      ...(request.marketingConsent !== undefined && {
        consent: { given: request.marketingConsent, at: new Date(clock()), source: 'PROFILE' } as const,
      }),
      ...(requestedUrl !== undefined && { image: { profileImageUrl: image, profileImageFile: null } }),
    };
    return await executeOnce(request.commandKey, CHANGING, (idempotency) =>
      images.afterChange(store.changeProfile(request.userId, change, idempotency), replacedFiles),
    );
  };

/** Stores an uploaded image as that of the profile; without content it removes the image. */
export const setProfileImage =
  ({ store, images }: IdentityPorts) =>
  async ({ userId, content, commandKey }: SetProfileImageRequest): Promise<UpdateProfileResponse> => {
    const file = content === undefined ? null : await images.add(content, { full: IMAGE_SIDE_MAX });
    if (file === undefined) return toRefusalResponse(refuse('VALIDATION_FAILED', NO_IMAGE));
    const change = { image: { profileImageUrl: null, profileImageFile: file } };
    return await executeOnce(commandKey, CHANGING, (idempotency) =>
      images.afterChange(store.changeProfile(userId, change, idempotency), (outcome) => [
        ...replacedFiles(outcome),
        ...(isChanged(outcome) ? [] : [file]),
      ]),
    );
  };

type Outcome = ProfileOutcome | undefined;

const CHANGING: Responding<Outcome, UpdateProfileResponse> = {
  type: stored.UpdateProfileResponse,
  refused: toRefusalResponse,
  respond: (outcome) =>
    outcome === undefined
      ? toRefusalResponse(refuse('USER_NOT_FOUND'))
      : { outcome: { $case: 'user', value: toUser(outcome.user) } },
};

const isChanged = (outcome: Outcome | Replay): outcome is ProfileOutcome =>
  outcome !== undefined && !(outcome instanceof Replay);

const replacedFiles = (outcome: Outcome | Replay): readonly (string | null)[] =>
  isChanged(outcome) ? [outcome.replacedFile] : [];
