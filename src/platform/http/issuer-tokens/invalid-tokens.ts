import { MINUTE_MS } from '../../kernel/durations.ts';

/** Why a token of another issuer is not valid. The client gets INVALID alone; the operator reads the cause in the log. */
export const INVALID_CAUSES = {
  ISSUER: '`iss` is the `issuer` of no entry of JWT_ISSUERS, to the last slash',
  ALGORITHM: '`alg` is none of `algorithms`',
  HEADER: 'the header has another `typ` than such a token, or names a key or an address',
  KEY: 'the issuer has no usable key with the `kid` of the token',
  SIGNATURE: 'the signature is wrong',
  FORM: 'the token is malformed',
  AUDIENCE:
    '`aud`, or the claim of `audienceClaim`, has none of `audiences`, or `aud` none of `logoutAudiences` for a logout token',
  KIND: 'the token is an ID token, a refresh token or a logout token',
  CLAIMS:
    'a claim is missing or of another form than it must have: `iat`, `exp`, `nbf`, `sid`, the claim of `subjectClaim`, or those of a logout token',
} as const;
export type InvalidCause = keyof typeof INVALID_CAUSES;

/** Whose token it was: the name of an issuer of the configuration, or the `iss` that names none of them, as `issOf` shortens it. */
export type InvalidTokenIssuer =
  | { readonly issuer: string; readonly iss?: undefined }
  | { readonly issuer?: undefined; readonly iss: string | undefined };

/** Called with the cause, and the issuer of the token. */
export type OnInvalidToken = (cause: InvalidCause, issuer: InvalidTokenIssuer) => void;

const ISS_CHARS_MAX = 200;
/** Anybody can send any `iss`: a text is shortened, and everything else is undefined. */
export const issOf = (claim: unknown): string | undefined =>
  typeof claim === 'string' ? claim.slice(0, ISS_CHARS_MAX) : undefined;

/** Passes on one report a minute for each cause and issuer, because clients may send any number of such tokens. */
export function onceAMinute(report: OnInvalidToken, nowMs: () => number): OnInvalidToken {
  // Bounded: by the causes and the issuers of the configuration. All that are not listed are one.
  const reportedAtMs = new Map<string, number>();
  return (cause, issuer) => {
    const key = `${cause} ${issuer.issuer ?? ''}`;
    const now = nowMs();
    if (now - (reportedAtMs.get(key) ?? Number.NEGATIVE_INFINITY) < MINUTE_MS) return;
    reportedAtMs.set(key, now);
    report(cause, issuer);
  };
}
