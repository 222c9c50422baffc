/** Coders of the responses that are stored with an idempotency key (buf.gen.yaml). */
export * as stored from '../../gen/stored/stampede/identity/v1/identity.ts';
export type * from '../../gen/types/stampede/identity/v1/identity.ts';
export { API_KEY_SCOPES, type ApiKeyScope, RATE_LIMIT_MAX } from './domain/api-key.ts';
export { CONTACTS_MAX } from './domain/contacts.ts';
export { EMAIL_MAX, normaliseEmail } from './domain/email.ts';
export {
  EXTERNAL_ID_MAX,
  EXTERNAL_ID_PATTERN,
  EXTERNAL_USERS_MAX,
  type ExternalSubject,
  escapedExternalId,
  isIssuerName,
  looksLikeExternalId,
  parseExternalId,
  subjectKey,
} from './domain/external-user.ts';
export { LINK_PATHS } from './domain/mail-text.ts';
export { PASSWORD_MAX, PASSWORD_MIN } from './domain/password.ts';
export { IMAGE_URL_MAX, NAME_MAX } from './domain/profile.ts';
export { isHigherRole, isPrivilegedRole, type PrivilegedRole, USER_ROLES, USER_STATUSES } from './domain/user.ts';
export { IDENTITY_REFUSALS, type IdentityRefusalCode } from './refusals.ts';
