import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign, verify } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { CallClock, Clock } from '../kernel/clock.ts';
import type { Principal } from '../kernel/contract.ts';
import { Unavailable } from '../kernel/refusal.ts';
import { rotatedSecrets } from '../kernel/rotated-secrets.ts';
import { isTimely, REUSE_MS } from './token-life.ts';

const CACHED_MAX = 10_000;
const TOKEN_CHARS_MAX = 512;
const SIGNATURE_BYTES = 64;

/** Before the raw key: RFC 8410, sections 4 and 7. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const RAW_KEY_BYTES = 32;

/** Signs for whom the gateway calls. */
export type SignPrincipal = (principal: Principal) => string;
/**
 * Does the gateway's signature say that this is the principal?
 * @throws Unavailable when it does, but not for this time
 */
export type IsPrincipal = (principal: Principal, token: string) => boolean;

/** The gateway's key pair that follows from a secret of access tokens, and is used for nothing else. */
export function principalKey(jwtSecret: string): KeyObject {
  const raw = Buffer.from(hkdfSync('sha256', jwtSecret, '', 'stampede principals', RAW_KEY_BYTES));
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, raw]), format: 'der', type: 'pkcs8' });
}

/** The public key as 43 characters of base64url. Its holder can check principals, and cannot sign one. */
export const publicKeyText = (privateKey: KeyObject): string =>
  createPublicKey(privateKey)
    .export({ format: 'der', type: 'spki' })
    .subarray(SPKI_PREFIX.length)
    .toString('base64url');

/** Reads keys of `publicKeyText`, separated by commas. Undefined: one of them is none. */
export function readPublicKeys(text: string): readonly KeyObject[] | undefined {
  const keys = rotatedSecrets(text).map(readPublicKey);
  return keys.every((key) => key !== undefined) ? keys : undefined;
}

/** Reads a key of `publicKeyText`. Undefined: it is none. */
export function readPublicKey(text: string): KeyObject | undefined {
  const raw = Buffer.from(text, 'base64url');
  if (raw.length !== RAW_KEY_BYTES || raw.toString('base64url') !== text) return undefined;
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
}

const claimOf = ({ userId, role }: Principal): string => `${userId}.${role}`;

/** Returns a signer of tokens of 30 s: `<user id>.<role>.<Unix ms>.<Ed25519 signature>`. */
export function principalSigner(privateKey: KeyObject, clock: Clock): SignPrincipal {
  const tokens = new LRUCache<string, { readonly token: string; readonly signedMs: number }>({ max: CACHED_MAX });
  return (principal) => {
    const nowMs = clock();
    const claim = claimOf(principal);
    const known = tokens.get(claim);
    if (known && Math.abs(nowMs - known.signedMs) < REUSE_MS) return known.token;
    const signed = `${claim}.${Math.floor(nowMs)}`;
    const token = `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
    tokens.set(claim, { token, signedMs: nowMs });
    return token;
  };
}

/** @param publicKeys any of them may have signed */
export function principalCheck(publicKeys: readonly KeyObject[], clock: CallClock): IsPrincipal {
  return (principal, token) => {
    if (token.length > TOKEN_CHARS_MAX) return false;
    const [userId, role, at, signature = '', ...rest] = token.split('.');
    if (rest.length > 0 || `${userId}.${role}` !== claimOf(principal)) return false;
    const given = Buffer.from(signature, 'base64url');
    // base64url has several texts for some bytes.
    if (given.length !== SIGNATURE_BYTES || given.toString('base64url') !== signature) return false;
    const signed = Buffer.from(`${userId}.${role}.${at}`);
    if (!publicKeys.some((key) => verify(null, signed, key, given))) return false;
    if (!isTimely(clock, at))
      throw new Unavailable('DEPENDENCY_UNAVAILABLE', 'the principal was signed for another time', 1);
    return true;
  };
}
