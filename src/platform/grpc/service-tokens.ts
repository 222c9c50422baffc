import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { CallClock } from '../kernel/clock.ts';
import { isTimely, REUSE_MS } from './token-life.ts';

const TOKEN_CHARS_MAX = 512;
const SIGNATURE_BYTES = 32;

/** The caller whom a token names. */
export interface TokenCaller {
  readonly name: string;
  /** Otherwise the token is from another time, or the clocks of the two processes do not agree. */
  readonly isTimely: boolean;
}

/** Names the caller of a call between services. */
export interface ServiceTokens {
  /** Returns a source of tokens with which `from` calls `to`. */
  signer(from: string, to: string): () => string;
  /** Returns who calls `to`. Undefined: the token is none, or is for another service. */
  callerOf(token: string, to: string): TokenCaller | undefined;
}

/**
 * Tokens of 30 s by which services know each other: `<from>.<to>.<Unix ms>.<HMAC-SHA256>`. The key follows from the secret that all
 * processes of a system share, and is used for nothing else.
 *
 * @param secrets one, or the new and the old one while it is rotated: the first one signs, and each is accepted
 */
export function serviceTokens(secrets: readonly string[], clock: CallClock): ServiceTokens {
  const [key, ...earlierKeys] = secrets.map((secret) =>
    Buffer.from(hkdfSync('sha256', secret, '', 'stampede calls between services', 32)),
  );
  if (key === undefined) throw new Error('there is no secret to sign with');
  const sign = (signed: string, by: Buffer = key): Buffer => createHmac('sha256', by).update(signed).digest();
  return {
    signer(from, to) {
      let token = '';
      let signedMs = Number.NEGATIVE_INFINITY;
      return () => {
        const nowMs = clock.now();
        if (Math.abs(nowMs - signedMs) < REUSE_MS) return token;
        const signed = `${from}.${to}.${Math.floor(nowMs)}`;
        token = `${signed}.${sign(signed).toString('base64url')}`;
        signedMs = nowMs;
        return token;
      };
    },
    callerOf(token, to) {
      if (token.length > TOKEN_CHARS_MAX) return undefined;
      const [from = '', named, at, signature = '', ...rest] = token.split('.');
      const signed = `${from}.${named}.${at}`;
      const given = Buffer.from(signature, 'base64url');
      if (rest.length > 0 || given.length !== SIGNATURE_BYTES) return undefined;
      const isSignature = (by: Buffer): boolean => timingSafeEqual(given, sign(signed, by));
      if (!isSignature(key) && !earlierKeys.some(isSignature)) return undefined;
      return named === to ? { name: from, isTimely: isTimely(clock, at) } : undefined;
    },
  };
}
