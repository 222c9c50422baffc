import type { Language } from '../../platform/kernel/language.ts';

/** A reason for people: what is wrong, and what the client does. Sentences without their full stop, for tables. */
interface ReasonText {
  readonly meaning: string;
  readonly remedy: string;
}

interface Rejection extends Readonly<Record<Language, ReasonText>> {
  /** The error code of WWW-Authenticate (RFC 6750, section 3.1). Absent for a request without a credential. */
  readonly error?: 'invalid_request' | 'invalid_token' | 'invalid_grant';
}

/**
 * Why the credential of a request is not accepted, by the `reason` of the problem. Its `detail`, WWW-Authenticate and docs/error-codes.md are made of these
 * texts. `meaning` in English has no quotation marks, because the header quotes it.
 */
export const REJECTIONS = {
  NO_CREDENTIAL: {
    en: {
      meaning: 'No credential was sent',
      remedy: 'Send an access token as `Authorization: Bearer`, or an API key as `X-Api-Key`',
    },
    ko: {
      meaning: '인증 정보가 없습니다',
      remedy: '액세스 토큰은 `Authorization: Bearer` 헤더로, API 키는 `X-Api-Key` 헤더로 보내세요',
    },
  },
  TWO_CREDENTIALS: {
    error: 'invalid_request',
    en: { meaning: 'Send an access token or an API key, not both', remedy: 'Leave one out' },
    ko: { meaning: '액세스 토큰과 API 키를 함께 보낼 수 없습니다', remedy: '둘 중 하나만 보내세요' },
  },
  TOKEN_MALFORMED: {
    error: 'invalid_token',
    en: {
      meaning: 'The access token is malformed',
      remedy: 'Send the access token as it was issued, after `Bearer` and one blank',
    },
    ko: {
      meaning: '액세스 토큰의 형식이 올바르지 않습니다',
      remedy: '발급받은 토큰을 그대로 `Bearer`와 공백 하나 뒤에 보내세요',
    },
  },
  TOKEN_INVALID: {
    error: 'invalid_token',
    en: {
      meaning: 'The access token is not valid here',
      remedy:
        'Send an access token for this server, and no ID or refresh token. The log of the server states the cause for tokens of other issuers',
    },
    ko: {
      meaning: '이 서버에서 유효한 액세스 토큰이 아닙니다',
      remedy:
        'ID 토큰이나 리프레시 토큰이 아니라 이 서버용 액세스 토큰을 보내세요. 다른 발급자의 토큰이면 원인이 서버 로그에 있습니다',
    },
  },
  TOKEN_EXPIRED: {
    error: 'invalid_token',
    en: { meaning: 'The access token expired', remedy: 'Get a new token' },
    ko: { meaning: '액세스 토큰이 만료되었습니다', remedy: '새 토큰을 발급받으세요' },
  },
  TOKEN_NOT_YET_VALID: {
    error: 'invalid_token',
    en: { meaning: 'The access token is not valid yet', remedy: 'Correct the clock of the issuer' },
    ko: { meaning: '액세스 토큰이 아직 유효하지 않습니다', remedy: '발급자의 시계를 맞추세요' },
  },
  TOKEN_LIVES_TOO_LONG: {
    error: 'invalid_token',
    en: {
      meaning: 'The access token lives longer than JWT_MAX_LIFETIME allows',
      remedy: 'Have the issuer make tokens that live shorter, or raise `JWT_MAX_LIFETIME`',
    },
    ko: {
      meaning: '액세스 토큰의 유효 기간이 JWT_MAX_LIFETIME보다 깁니다',
      remedy: '발급자가 유효 기간이 더 짧은 토큰을 발급하게 하거나 `JWT_MAX_LIFETIME`을 늘리세요',
    },
  },
  USER_BLOCKED: {
    error: 'invalid_token',
    en: {
      meaning: 'The user of the access token is locked or deleted here',
      remedy: 'An administrator unlocks or restores the user',
    },
    ko: {
      meaning: '액세스 토큰의 사용자가 잠겼거나 삭제되었습니다',
      remedy: '관리자가 사용자의 잠금을 풀거나 복구해야 합니다',
    },
  },
  SESSION_ENDED: {
    error: 'invalid_token',
    en: { meaning: 'The session of the access token has ended', remedy: 'Log in again' },
    ko: { meaning: '액세스 토큰의 세션이 끝났습니다', remedy: '다시 로그인하세요' },
  },
  API_KEY_MALFORMED: {
    error: 'invalid_token',
    en: { meaning: 'The API key is malformed', remedy: 'Send the key as it was shown when it was created' },
    ko: { meaning: 'API 키의 형식이 올바르지 않습니다', remedy: '생성할 때 표시된 키를 그대로 보내세요' },
  },
  ACTING_USER_MALFORMED: {
    error: 'invalid_request',
    en: {
      meaning: 'X-User-Id is not the id of a user',
      remedy: 'Send a decimal id, or `ext:<issuer name>:<subject>` where other issuers are configured, in `X-User-Id`',
    },
    ko: {
      meaning: 'X-User-Id가 사용자 ID가 아닙니다',
      remedy:
        '`X-User-Id`에 숫자로 된 ID를, 다른 발급자가 설정되어 있으면 `ext:<발급자 이름>:<subject>`를 보낼 수도 있습니다',
    },
  },
  ACTING_USER_UNKNOWN: {
    error: 'invalid_request',
    en: {
      meaning: 'X-User-Id names a user of an issuer that is not listed here',
      remedy: 'Name the issuer in `X-User-Id` as the `name` of its entry in `JWT_ISSUERS`',
    },
    ko: {
      meaning: 'X-User-Id의 발급자가 이 서버에 등록되어 있지 않습니다',
      remedy: '`X-User-Id`의 발급자 이름을 `JWT_ISSUERS`에 있는 `name`으로 적으세요',
    },
  },
  ACTING_USER_BLOCKED: {
    error: 'invalid_request',
    en: {
      meaning: 'The user of X-User-Id is locked or deleted here',
      remedy: 'Act for no such user; an ADMIN unlocks or restores one by `PATCH /users/{id}`',
    },
    ko: {
      meaning: 'X-User-Id의 사용자가 잠겼거나 삭제되었습니다',
      remedy: '이 사용자를 대신할 수 없습니다. ADMIN이 `PATCH /users/{id}`로 잠금을 풀거나 복구할 수 있습니다',
    },
  },
  API_KEY_INVALID: {
    error: 'invalid_token',
    en: {
      meaning: 'The API key is unknown, revoked or expired',
      remedy: 'Use another key; an administrator creates one',
    },
    ko: {
      meaning: 'API 키가 없거나 폐기되었거나 만료되었습니다',
      remedy: '다른 키를 사용하세요. 키는 관리자가 만듭니다',
    },
  },
  WRONG_PASSWORD: {
    error: 'invalid_grant',
    en: {
      meaning: 'The e-mail address or the password is wrong',
      remedy: 'Correct the e-mail address or the password',
    },
    ko: { meaning: '이메일 주소나 비밀번호가 올바르지 않습니다', remedy: '이메일 주소와 비밀번호를 확인하세요' },
  },
  REFRESH_TOKEN_INVALID: {
    error: 'invalid_grant',
    en: { meaning: 'The refresh token is wrong, used or expired', remedy: 'Log in again' },
    ko: {
      meaning: '리프레시 토큰이 올바르지 않거나 이미 사용되었거나 만료되었습니다',
      remedy: '다시 로그인하세요',
    },
  },
} as const satisfies Readonly<Record<string, Rejection>>;
export type RejectedReason = keyof typeof REJECTIONS;

const REALM = 'Bearer realm="stampede"';
const byReason = <Value>(make: (reason: RejectedReason, rejection: Rejection) => Value) =>
  Object.fromEntries(
    Object.entries(REJECTIONS).map(([reason, rejection]) => [reason, make(reason as RejectedReason, rejection)]),
  ) as Readonly<Record<RejectedReason, Value>>;

/** The value of WWW-Authenticate by reason (RFC 6750, section 3). */
const CHALLENGES = byReason((_, { error, en }) =>
  error === undefined ? REALM : `${REALM}, error="${error}", error_description="${en.meaning}"`,
);

/** Frozen, so that the problem documents of hot routes are built once for each. */
const DETAILS = byReason((reason) => Object.freeze({ reason }));

/** The parts of UNAUTHENTICATED for a reason. */
export const rejectedParts = (reason: RejectedReason) => ({ details: DETAILS[reason] });

const isReason = (reason: string | undefined): reason is RejectedReason => Object.hasOwn(REJECTIONS, reason ?? '');

/** Returns the WWW-Authenticate of a problem with status 401. */
export const challengeOf = (reason: string | undefined): string => (isReason(reason) ? CHALLENGES[reason] : REALM);

/** Returns the `detail` of UNAUTHENTICATED for a reason. Undefined: the reason is absent or not known. */
export function rejectionDetail(reason: string | undefined, language: Language): string | undefined {
  if (!isReason(reason)) return undefined;
  const { meaning, remedy } = REJECTIONS[reason][language];
  return `${meaning}. ${remedy}.`;
}
