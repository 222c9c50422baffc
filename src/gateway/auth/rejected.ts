/** Why the credential of a request is not accepted. Stated in `reason` of the problem and in WWW-Authenticate. */
export type RejectedReason = keyof typeof CHALLENGES;

const REALM = 'Bearer realm="stampede"';
const challenge = (error: string, description: string): string =>
  `${REALM}, error="${error}", error_description="${description}"`;

/** The value of WWW-Authenticate by reason (RFC 6750, section 3). */
export const CHALLENGES = {
  NO_CREDENTIAL: REALM,
  TWO_CREDENTIALS: challenge('invalid_request', 'Send an access token or an API key, not both'),
  TOKEN_MALFORMED: challenge('invalid_token', 'The access token is malformed'),
  TOKEN_INVALID: challenge('invalid_token', 'The access token is not valid here'),
  TOKEN_EXPIRED: challenge('invalid_token', 'The access token expired'),
  TOKEN_NOT_YET_VALID: challenge('invalid_token', 'The access token is not valid yet'),
  TOKEN_LIVES_TOO_LONG: challenge('invalid_token', 'The access token lives longer than JWT_MAX_LIFETIME allows'),
  USER_BLOCKED: challenge('invalid_token', 'The user of the access token is locked or deleted here'),
  SESSION_ENDED: challenge('invalid_token', 'The session of the access token has ended'),
  API_KEY_MALFORMED: challenge('invalid_token', 'The API key is malformed'),
  ACTING_USER_MALFORMED: challenge('invalid_request', 'X-User-Id is not the id of a user'),
  ACTING_USER_UNKNOWN: challenge('invalid_request', 'X-User-Id names a user of an issuer that is not listed here'),
  ACTING_USER_BLOCKED: challenge('invalid_request', 'The user of X-User-Id is locked or deleted here'),
  API_KEY_INVALID: challenge('invalid_token', 'The API key is unknown, revoked or expired'),
  WRONG_PASSWORD: challenge('invalid_grant', 'The e-mail address or the password is wrong'),
  REFRESH_TOKEN_INVALID: challenge('invalid_grant', 'The refresh token is wrong, used or expired'),
} as const;

/** Frozen, so that the problem documents of hot routes are built once for each. */
const DETAILS = Object.fromEntries(
  Object.keys(CHALLENGES).map((reason) => [reason, Object.freeze({ reason })]),
) as Readonly<Record<RejectedReason, { readonly reason: RejectedReason }>>;

/** The parts of UNAUTHENTICATED for a reason. */
export const rejectedParts = (reason: RejectedReason) => ({ details: DETAILS[reason] });

/** Returns the WWW-Authenticate of a problem with status 401. */
export const challengeOf = (reason: string | undefined): string =>
  Object.hasOwn(CHALLENGES, reason ?? '') ? CHALLENGES[reason as RejectedReason] : REALM;
