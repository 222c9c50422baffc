import type { RefusalTable } from '../../platform/kernel/refusal.ts';

/** Coders of the responses that are stored with an idempotency key (buf.gen.yaml). */
export * as stored from '../../gen/stored/stampede/identity/v1/identity.ts';
export type * from '../../gen/types/stampede/identity/v1/identity.ts';
export { API_KEY_SCOPES, type ApiKeyScope } from './domain/api-key.ts';
export { EMAIL_MAX, normaliseEmail } from './domain/email.ts';
export { PASSWORD_MAX, PASSWORD_MIN } from './domain/password.ts';
export { IMAGE_URL_MAX, NAME_MAX } from './domain/profile.ts';

/** Every refusal of this context. The `details` of VALIDATION_FAILED map each invalid field to the reason. */
export const IDENTITY_REFUSALS = {
  VALIDATION_FAILED: {
    http: 400,
    grpc: 'INVALID_ARGUMENT',
    en: { title: 'The request is not valid', detail: 'The field {field} is not valid.' },
    ko: { title: '요청이 올바르지 않습니다', detail: '{field} 값이 올바르지 않습니다.' },
  },
  UNAUTHENTICATED: {
    http: 401,
    grpc: 'UNAUTHENTICATED',
    en: { title: 'Not authenticated', detail: 'The credentials are missing, wrong or no longer valid.' },
    ko: { title: '인증이 필요합니다', detail: '인증 정보가 없거나 올바르지 않거나 만료되었습니다.' },
  },
  FORBIDDEN: {
    http: 403,
    grpc: 'PERMISSION_DENIED',
    en: { title: 'Not allowed', detail: 'This account may not do that.' },
    ko: { title: '권한이 없습니다', detail: '이 계정으로는 할 수 없는 작업입니다.' },
  },
  EMAIL_TAKEN: {
    http: 409,
    grpc: 'ALREADY_EXISTS',
    en: { title: 'E-mail address taken', detail: 'An account with this e-mail address exists already.' },
    ko: { title: '이미 사용 중인 이메일입니다', detail: '같은 이메일로 가입된 계정이 있습니다.' },
  },
  USER_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'User not found', detail: 'There is no such user here.' },
    ko: { title: '사용자를 찾을 수 없습니다', detail: '해당 사용자가 없습니다.' },
  },
  API_KEY_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'API key not found', detail: 'There is no such API key, or it was revoked.' },
    ko: { title: 'API 키를 찾을 수 없습니다', detail: '해당 API 키가 없거나 이미 폐기되었습니다.' },
  },
} as const satisfies RefusalTable;
