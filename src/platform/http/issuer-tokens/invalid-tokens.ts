import { MINUTE_MS } from '../../kernel/durations.ts';

/** Why a token of another issuer is not valid. The client gets INVALID alone; the operator reads the cause in the log. */
export const INVALID_CAUSES = {
  ISSUER: '`iss` is the `issuer` of no entry of JWT_ISSUERS, to the last slash',
  ALGORITHM: '`alg` is none of `algorithms`',
  HEADER: 'the header has another `typ` than such a token, or names a key or an address',
  KEY: 'the issuer has no usable key with the `kid` of the token',
  SIGNATURE: 'the signature is wrong',
  FORM: 'the token is malformed',
  AUDIENCE: '`aud` has none of `audiences`, or of `logoutAudiences` for a logout token',
  KIND: 'the token is an ID token, a refresh token or a logout token',
  CLAIMS:
    'a claim is missing or of another form than it must have: `iat`, `exp`, `nbf`, `sid`, the claim of `subjectClaim`, or those of a logout token',
} as const;
export type InvalidCause = keyof typeof INVALID_CAUSES;

/** Called with the cause, and the name of the issuer where one of the configuration is named. */
export type OnInvalidToken = (cause: InvalidCause, issuerName: string | undefined) => void;

/** Passes on one report a minute for each cause and issuer, because clients may send any number of such tokens. */
export function onceAMinute(report: OnInvalidToken, nowMs: () => number): OnInvalidToken {
  // Bounded: by the causes and the issuers of the configuration.
  const reportedAtMs = new Map<string, number>();
  return (cause, issuerName) => {
    const key = `${cause} ${issuerName ?? ''}`;
    const now = nowMs();
    if (now - (reportedAtMs.get(key) ?? Number.NEGATIVE_INFINITY) < MINUTE_MS) return;
    reportedAtMs.set(key, now);
    report(cause, issuerName);
  };
}
