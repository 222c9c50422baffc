import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../kernel/clock.ts';
import { isIdText } from '../kernel/id-text.ts';
import { decodeSegment } from './token-segment.ts';

/** The claims of an access token. A token without `sid` was signed by the shop's own login. */
export interface AccessClaims {
  /** User id, decimal, 63 bits. */
  readonly sub: string;
  readonly role: Role;
  readonly sid?: string;
  /** Of a token with role SERVICE: what it may do, separated by spaces. */
  readonly scope?: string;
  /** Seconds since the epoch; the token is valid in [iat, exp). */
  readonly iat: number;
  readonly exp: number;
}
export const ROLES = ['CUSTOMER', 'OWNER', 'ADMIN', 'SERVICE'] as const;
export type Role = (typeof ROLES)[number];

export interface AccessTokens {
  sign(claims: AccessClaims): string;
  /** Returns undefined for anything that is not a valid token now. */
  verify(token: string): AccessClaims | undefined;
  /** The same with the reason. A token expired, or is not valid yet, only when everything else about it is right. */
  check(token: string): AccessClaims | TokenFault;
}

/** Why a token is refused: it has not the form of one, it is not valid here, or not now. One of another issuer may live too long. */
export type TokenFault = 'MALFORMED' | 'INVALID' | 'EXPIRED' | 'NOT_YET_VALID' | 'LIVES_TOO_LONG';

/**
 * The times of a token that is valid for `seconds` from now. `iat` is set one second back, so that another node whose clock is a few
 * milliseconds behind accepts the token at once.
 */
export function validFor(seconds: number, nowMs: number): Pick<AccessClaims, 'iat' | 'exp'> {
  const now = Math.floor(nowMs / 1000);
  return { iat: now - 1, exp: now + seconds };
}

const ISSUER = 'stampede';
const AUDIENCE = 'stampede-api';
const TOKEN_BYTES_MAX = 8 * 1024;
const SIGNATURE_BYTES = 32;
const HEADER = encode({ alg: 'HS256', typ: 'JWT' });
/** Other issuers spell the same header differently; spellings that passed are remembered, this many. */
const HEADERS_MAX = 32;
const HEADER_TYPES = new Set<unknown>([undefined, 'JWT', 'at+jwt']);

/**
 * Signs and checks HS256 access tokens. Every token is checked in full on every request: no cache could accept a revoked,
 * expired or similar token (docs/adr/0002-own-hs256-check.md).
 *
 * @param secrets one, or several while it is rotated: the first one signs, and each is accepted
 */
export function accessTokens(secrets: string | readonly string[], clock: Clock): AccessTokens {
  const [key, ...earlierKeys] = [secrets].flat().map((secret) => createSecretKey(secret, 'utf8'));
  if (key === undefined) throw new Error('there is no secret to sign with');
  const signature = (signed: string, by: KeyObject): Buffer => createHmac('sha256', by).update(signed).digest();
  const isSignature = (given: Buffer, signed: string): boolean =>
    timingSafeEqual(given, signature(signed, key)) ||
    earlierKeys.some((earlier) => timingSafeEqual(given, signature(signed, earlier)));
  const headers = new Set([HEADER]);
  const headerFault = (header: string): TokenFault | undefined => {
    if (headers.has(header)) return undefined;
    const decoded = decodeSegment(header);
    if (decoded === undefined) return 'MALFORMED';
    if (!isPlainHs256(decoded)) return 'INVALID';
    if (headers.size < HEADERS_MAX) headers.add(header);
    return undefined;
  };
  function check(token: string): AccessClaims | TokenFault {
    // A string's length bounds its bytes well enough, and costs nothing.
    if (token.length > TOKEN_BYTES_MAX) return 'MALFORMED';
    const afterHeader = token.indexOf('.');
    const afterPayload = token.indexOf('.', afterHeader + 1);
    if (afterHeader < 0 || afterPayload < 0) return 'MALFORMED';
    const fault = headerFault(token.slice(0, afterHeader));
    if (fault !== undefined) return fault;
    const presented = token.slice(afterPayload + 1);
    const given = Buffer.from(presented, 'base64url');
    // Only the canonical spelling: base64url decoding forgives spare bits, padding and foreign characters.
    if (given.length !== SIGNATURE_BYTES || given.toString('base64url') !== presented) return 'MALFORMED';
    if (!isSignature(given, token.slice(0, afterPayload))) return 'INVALID';
    return claimsOf(decodeSegment(token.slice(afterHeader + 1, afterPayload)), Math.floor(clock() / 1000));
  }
  return {
    check,
    sign(claims) {
      const payload = { iss: ISSUER, aud: AUDIENCE, token_use: 'access', ...claims };
      const signed = `${HEADER}.${encode(payload)}`;
      return `${signed}.${signature(signed, key).toString('base64url')}`;
    },
    verify(token) {
      const checked = check(token);
      return typeof checked === 'string' ? undefined : checked;
    },
  };
}

/** Only alg and typ are allowed: kid, jku, x5u, jwk, x5c and crit all point the verifier to another key. */
function isPlainHs256(header: Record<string, unknown> | undefined): boolean {
  if (header?.['alg'] !== 'HS256' || !HEADER_TYPES.has(header['typ'])) return false;
  return Object.keys(header).every((name) => name === 'alg' || name === 'typ');
}

function claimsOf(payload: Record<string, unknown> | undefined, nowSeconds: number): AccessClaims | TokenFault {
  if (payload?.['iss'] !== ISSUER || payload['aud'] !== AUDIENCE || payload['token_use'] !== 'access') return 'INVALID';
  const { sub, role, sid, scope, iat, exp, nbf } = payload;
  if (typeof sub !== 'string' || !isIdText(sub)) return 'INVALID';
  if (!isRole(role) || !isSecond(iat) || !isSecond(exp)) return 'INVALID';
  if (nbf !== undefined && !isSecond(nbf)) return 'INVALID';
  if (sid !== undefined && (typeof sid !== 'string' || sid === '')) return 'INVALID';
  if (nowSeconds >= exp) return 'EXPIRED';
  if (nowSeconds < iat || (nbf !== undefined && nowSeconds < nbf)) return 'NOT_YET_VALID';
  const claims = sid === undefined ? { sub, role, iat, exp } : { sub, role, sid, iat, exp };
  return role === 'SERVICE' && typeof scope === 'string' ? { ...claims, scope } : claims;
}

const isRole = (value: unknown): value is Role => ROLES.some((role) => role === value);
const isSecond = (value: unknown): value is number => Number.isSafeInteger(value);

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
