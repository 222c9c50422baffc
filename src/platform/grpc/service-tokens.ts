import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { CallClock } from '../kernel/clock.ts';
import { isTimely, REUSE_MS } from './token-life.ts';

const TOKEN_CHARS_MAX = 512;

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
 */
export function serviceTokens(secret: string, clock: CallClock): ServiceTokens {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'stampede calls between services', 32));
  const sign = (signed: string): Buffer => createHmac('sha256', key).update(signed).digest();
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
      const expected = sign(`${from}.${named}.${at}`);
      const given = Buffer.from(signature, 'base64url');
      if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      return named === to ? { name: from, isTimely: isTimely(clock, at) } : undefined;
    },
  };
}
