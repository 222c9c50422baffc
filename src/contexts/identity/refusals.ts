import type { RefusalTable } from '../../platform/kernel/refusal.ts';
import { type RefusalCode, refuseFrom } from '../../platform/kernel/refuse.ts';

/** The refusals that only this context declares: status for HTTP and gRPC, details, and texts. */
export const IDENTITY_REFUSALS = {
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
  ACCOUNT_LOCKED: {
    http: 403,
    grpc: 'PERMISSION_DENIED',
    en: { title: 'Account locked', detail: 'This account is locked. Contact the operator of the shop.' },
    ko: { title: '잠긴 계정입니다', detail: '계정이 잠겨 있습니다. 관리자에게 문의하세요.' },
  },
  LINK_INVALID: {
    http: 410,
    grpc: 'FAILED_PRECONDITION',
    en: {
      title: 'This link is not valid',
      detail: 'It was used, replaced by a newer one, or has expired. Request another mail.',
    },
    ko: {
      title: '유효하지 않은 링크입니다',
      detail: '이미 사용되었거나 새 링크로 대체되었거나 만료되었습니다. 메일을 다시 요청하세요.',
    },
  },
  MAIL_NOT_CONFIGURED: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: {
      title: 'No mail is configured',
      detail: 'This server sends no mail, so it verifies no addresses and resets no passwords.',
    },
    ko: {
      title: '메일이 설정되지 않았습니다',
      detail: '이 서버는 메일을 보내지 않으므로 이메일 인증과 비밀번호 재설정을 할 수 없습니다.',
    },
  },
  LAST_ADMIN: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    en: { title: 'The last administrator', detail: 'Make another user ADMIN first: no active one would be left.' },
    ko: { title: '마지막 관리자입니다', detail: '활성 관리자가 남지 않습니다. 먼저 다른 관리자를 지정하세요.' },
  },
  API_KEY_NOT_FOUND: {
    http: 404,
    grpc: 'NOT_FOUND',
    en: { title: 'API key not found', detail: 'There is no such API key, or it was revoked.' },
    ko: { title: 'API 키를 찾을 수 없습니다', detail: '해당 API 키가 없거나 이미 폐기되었습니다.' },
  },
} as const satisfies RefusalTable;

export type IdentityRefusalCode = RefusalCode<typeof IDENTITY_REFUSALS>;

/** Makes a refusal of this context. */
export const refuse = refuseFrom<typeof IDENTITY_REFUSALS>();
