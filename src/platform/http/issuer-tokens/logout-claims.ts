import type { JWTPayload } from 'jose';
import { isSubject } from '../../kernel/subject.ts';

/** What a logout token ends: a session, or all sessions of a user. */
export interface ExternalLogoutClaims {
  readonly issuer: string;
  readonly ended: { readonly sid: string } | { readonly sub: string };
  readonly atMs: number;
}

/** OpenID Connect Back-Channel Logout 1.0, section 2.4; the type is a recommendation. */
export const LOGOUT_TYPES = ['jwt', 'logout+jwt', 'application/logout+jwt'];
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** Issuers send it at once. A token that was intercepted is not usable for long, and ends nothing that began later. */
const AGE_MAX_MS = 5 * 60_000;
const AHEAD_MAX_MS = 5_000;

/** Reads the claims of a logout token whose signature, issuer and audience are right (section 2.6). Undefined: it is not valid. */
export function logoutClaims(payload: JWTPayload, issuer: string, nowMs: number): ExternalLogoutClaims | undefined {
  const { iat, exp, jti, events, nonce, sid, sub } = payload;
  // Whether `exp` is past was checked with the signature.
  if (
    typeof iat !== 'number' ||
    typeof exp !== 'number' ||
    typeof jti !== 'string' ||
    jti === '' ||
    nonce !== undefined
  )
    return undefined;
  if (!isObject(events) || !isObject(events[EVENT])) return undefined;
  const ageMs = nowMs - iat * 1_000;
  if (ageMs > AGE_MAX_MS || ageMs < -AHEAD_MAX_MS) return undefined;
  const atMs = iat * 1_000;
  if (sid !== undefined) return isSubject(sid) ? { issuer, ended: { sid }, atMs } : undefined;
  return isSubject(sub) ? { issuer, ended: { sub }, atMs } : undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
