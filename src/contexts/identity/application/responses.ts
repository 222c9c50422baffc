import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import type { ApiKey, User } from '../api.ts';
import { type ApiKeyRecord, keyPrefix } from '../domain/api-key.ts';
import { EMAIL_MAX } from '../domain/email.ts';
import { externalIdOf, isErased } from '../domain/external-user.ts';
import { PASSWORD_MAX, PASSWORD_MIN } from '../domain/password.ts';
import { IMAGE_URL_MAX, NAME_MAX } from '../domain/profile.ts';
import type { UserRecord } from '../domain/user.ts';
import { refuse } from '../refusals.ts';

const password = `must have ${PASSWORD_MIN} to ${PASSWORD_MAX} characters, none of them NUL`;
const RULES = {
  email: `must be an e-mail address of at most ${EMAIL_MAX} characters`,
  password,
  newPassword: password,
  name: `must have 1 to ${NAME_MAX} printable characters`,
  profileImageUrl: `must be an https URL without credentials, of at most ${IMAGE_URL_MAX} characters`,
  role: 'must be a role that can be given',
  status: 'must be ACTIVE or LOCKED',
} as const;

/** Of a field that does not obey its rule. */
export const invalid = (field: keyof typeof RULES) =>
  toRefusalResponse(refuse('VALIDATION_FAILED', { [field]: RULES[field] }));

/** Of a password that is among the first that an attacker tries. */
export const commonPassword = (field: string) =>
  toRefusalResponse(
    refuse('VALIDATION_FAILED', { [field]: 'is one of the most common passwords; choose another one' }),
  );

/** Of an API key whose expiry is not in the future. */
export const expiryOver = refuse('VALIDATION_FAILED', { expiresAt: 'must be in the future' });

/** A user of the contract. */
export const toUser = (user: UserRecord): User => ({
  id: user.id,
  email: user.email ?? '',
  externalId:
    user.issuer === null || user.subject === null || isErased(user.subject)
      ? undefined
      : externalIdOf({ issuer: user.issuer, subject: user.subject }),
  name: user.name,
  role: user.role,
  marketingConsent: user.marketingConsent,
  language: user.language,
  profileImageUrl: user.profileImageUrl ?? undefined,
  profileImageFile: user.profileImageFile ?? undefined,
  createdAt: user.createdAt,
  status: user.status,
  emailVerified: user.emailVerifiedAt !== null,
});

/** An API key of the contract, without its secret. */
export const toApiKey = (key: ApiKeyRecord): ApiKey => ({
  id: key.id,
  name: key.name,
  prefix: keyPrefix(key.id),
  scopes: key.scopes,
  createdAt: key.createdAt,
  lastUsedAt: key.lastUsedAt ?? undefined,
  expiresAt: key.expiresAt ?? undefined,
  rateLimit: key.rateLimit ?? undefined,
});
