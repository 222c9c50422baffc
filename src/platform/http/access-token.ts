import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../kernel/clock.ts';
import { isIdText } from '../kernel/id-text.ts';

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
  /** Returns undefined for anything that is not a valid token now. The reason is not disclosed. */
  verify(token: string): AccessClaims | undefined;
}

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
 */
export function accessTokens(secret: string, clock: Clock): AccessTokens {
  const key = createSecretKey(secret, 'utf8');
  const signature = (signed: string): Buffer => createHmac('sha256', key).update(signed).digest();
  const headers = new Set([HEADER]);
  const isAccepted = (header: string): boolean => {
    if (headers.has(header)) return true;
    if (!isPlainHs256(decode(header))) return false;
    if (headers.size < HEADERS_MAX) headers.add(header);
    return true;
  };
  return {
    sign(claims) {
      const payload = { iss: ISSUER, aud: AUDIENCE, token_use: 'access', ...claims };
      const signed = `${HEADER}.${encode(payload)}`;
      return `${signed}.${signature(signed).toString('base64url')}`;
    },
    verify(token) {
      // A string's length bounds its bytes well enough, and costs nothing.
      if (token.length > TOKEN_BYTES_MAX) return undefined;
      const afterHeader = token.indexOf('.');
      const afterPayload = token.indexOf('.', afterHeader + 1);
      if (afterHeader < 0 || afterPayload < 0 || !isAccepted(token.slice(0, afterHeader))) return undefined;
      const presented = token.slice(afterPayload + 1);
      const given = Buffer.from(presented, 'base64url');
      // Only the canonical spelling: base64url decoding forgives spare bits, padding and foreign characters.
      if (given.length !== SIGNATURE_BYTES || given.toString('base64url') !== presented) return undefined;
      if (!timingSafeEqual(given, signature(token.slice(0, afterPayload)))) return undefined;
      return claimsOf(decode(token.slice(afterHeader + 1, afterPayload)), Math.floor(clock() / 1000));
    },
  };
}

/** Only alg and typ are allowed: kid, jku, x5u, jwk, x5c and crit all point the verifier to another key. */
function isPlainHs256(header: Record<string, unknown> | undefined): boolean {
  if (header?.['alg'] !== 'HS256' || !HEADER_TYPES.has(header['typ'])) return false;
  return Object.keys(header).every((name) => name === 'alg' || name === 'typ');
}

function claimsOf(payload: Record<string, unknown> | undefined, nowSeconds: number): AccessClaims | undefined {
  if (payload?.['iss'] !== ISSUER || payload['aud'] !== AUDIENCE || payload['token_use'] !== 'access') return undefined;
  const { sub, role, sid, scope, iat, exp, nbf } = payload;
  if (typeof sub !== 'string' || !isIdText(sub)) return undefined;
  if (!isRole(role) || !isSecond(iat) || !isSecond(exp)) return undefined;
  if (nowSeconds < iat || nowSeconds >= exp) return undefined;
  if (nbf !== undefined && (!isSecond(nbf) || nowSeconds < nbf)) return undefined;
  if (sid !== undefined && (typeof sid !== 'string' || sid === '')) return undefined;
  const claims = sid === undefined ? { sub, role, iat, exp } : { sub, role, sid, iat, exp };
  return role === 'SERVICE' && typeof scope === 'string' ? { ...claims, scope } : claims;
}

const isRole = (value: unknown): value is Role => ROLES.some((role) => role === value);
const isSecond = (value: unknown): value is number => Number.isSafeInteger(value);

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(segment: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
