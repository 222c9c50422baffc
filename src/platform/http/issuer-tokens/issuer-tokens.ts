import { hash } from 'node:crypto';
import { errors, type JWSHeaderParameters, type JWTPayload, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock.ts';
import type { TokenFault } from '../access-token.ts';
import { decodeSegment } from '../token-segment.ts';
import { INVALID_CAUSES, type InvalidCause, issOf, type OnInvalidToken } from './invalid-tokens.ts';
import { type IssuerToken, issuerClaims, timeFault } from './issuer-claims.ts';
import type { IssuerAlgorithm, IssuerSettings } from './issuer-settings.ts';
import type { KeySet } from './key-set.ts';
import { type ExternalLogoutClaims, LOGOUT_TYPES, logoutClaims } from './logout-claims.ts';

/** Issuers put more into a token than this system does. All headers of a request together have 16 kB. */
const TOKEN_CHARS_MAX = 12 * 1024;
/** Tokens whose signature is known to be right. */
const CHECKED_MAX = 20_000;
const ACCESS_TYPES = ['jwt', 'at+jwt', 'application/at+jwt'];
/** They name a key, or an address of one, or change what is signed. A key comes from the issuer's own set only. */
const REFUSED_HEADERS = ['jku', 'jwk', 'x5u', 'x5c', 'crit', 'b64', 'zip', 'enc'];

/** An issuer with its keys. */
export interface TrustedIssuer {
  readonly settings: IssuerSettings;
  readonly keys: Pick<KeySet, 'keyFor' | 'version'>;
}

export interface IssuerTokensOptions {
  readonly issuers: readonly TrustedIssuer[];
  readonly maxLifetimeSeconds: number;
  readonly clock: Clock;
  /** Called for each token that is not valid, whatever the time is. */
  readonly onInvalid: OnInvalidToken;
}

/** Checks tokens of other issuers. */
export interface IssuerTokens {
  /**
   * Returns what an access token says, or why it is refused; undefined when no issuer of the list could have signed it. Synchronous for a token that was
   * checked before: only its times are checked again.
   * @throws Unavailable, as a rejection, when the keys of the issuer were never read
   */
  check(token: string): IssuerToken | TokenFault | undefined | Promise<IssuerToken | TokenFault>;
  /** Returns what a logout token of an issuer ends; undefined when it is not valid. Thrown: as above. */
  checkLogout(issuerName: string, token: string): Promise<ExternalLogoutClaims | undefined>;
}

interface CheckedToken {
  readonly token: IssuerToken;
  /** Of the keys. */
  readonly version: number;
}

const isInvalidCause = (text: string): text is InvalidCause => Object.hasOwn(INVALID_CAUSES, text);

export function issuerTokens({ issuers, maxLifetimeSeconds, clock, onInvalid }: IssuerTokensOptions): IssuerTokens {
  const byIssuer = new Map(issuers.map((issuer) => [issuer.settings.issuer, issuer]));
  const byName = new Map(issuers.map((issuer) => [issuer.settings.name, issuer]));
  // By a digest of the whole token: a token that differs in one character is another one.
  const checked = new LRUCache<string, CheckedToken>({ max: CHECKED_MAX });

  /** What is read of a token before its signature is checked decides which key checks it, and nothing else. */
  function issuerOf(header: JWSHeaderParameters, payload: string, types: readonly string[]): TrustedIssuer | undefined {
    const iss = decodeSegment(payload)?.['iss'];
    const issuer = byIssuer.get(String(iss));
    if (issuer === undefined) {
      onInvalid('ISSUER', { iss: issOf(iss) });
      return undefined;
    }
    const cause = headerFault(header, issuer.settings, types);
    if (cause === undefined) return issuer;
    onInvalid(cause, { issuer: issuer.settings.name });
    return undefined;
  }

  /** What the client gets for it. */
  function reported(fault: TokenFault | InvalidCause, { name }: IssuerSettings): TokenFault {
    if (!isInvalidCause(fault)) return fault;
    onInvalid(fault, { issuer: name });
    return 'INVALID';
  }

  async function verify(token: string, header: JWSHeaderParameters, issuer: TrustedIssuer, digest: string) {
    const version = issuer.keys.version();
    const { audiences, audienceClaim } = issuer.settings;
    const payload = await signedPayload(token, header, issuer, audiences, audienceClaim);
    if (typeof payload === 'string') return reported(payload, issuer.settings);
    const claims = issuerClaims(payload, issuer.settings, maxLifetimeSeconds);
    if (typeof claims === 'string') return reported(claims, issuer.settings);
    const fault = timeFault(claims, clock());
    if (fault !== undefined) return fault;
    // Keys that were replaced meanwhile have not checked it.
    checked.set(digest, { token: claims, version });
    return claims;
  }

  async function signedPayload(
    token: string,
    header: JWSHeaderParameters,
    { settings, keys }: TrustedIssuer,
    audiences: readonly string[],
    audienceClaim = 'aud',
  ): Promise<JWTPayload | TokenFault | InvalidCause> {
    const key = await keys.keyFor(header);
    if (key === undefined) return 'KEY';
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [...settings.algorithms],
        issuer: settings.issuer,
        ...(audienceClaim === 'aud' && { audience: [...audiences] }),
        currentDate: new Date(clock()),
      });
      const isForThis = (claim: unknown): boolean => audiences.some((audience) => audience === claim);
      if (audienceClaim === 'aud') return payload;
      // The claim names the client that got the token. With `aud` the token is for that API only, whichever client has it.
      const isForThisApi = payload.aud === undefined || [payload.aud].flat().some(isForThis);
      return isForThis(payload[audienceClaim]) && isForThisApi ? payload : 'AUDIENCE';
    } catch (error) {
      const fault = faultOf(error);
      if (fault === undefined) throw error;
      return fault;
    }
  }

  return {
    check(token) {
      if (token.length > TOKEN_CHARS_MAX) return undefined;
      const digest = hash('sha256', token, 'base64');
      const known = checked.get(digest);
      if (known !== undefined && known.version === byIssuer.get(known.token.issuer.issuer)?.keys.version()) {
        const fault = timeFault(known.token, clock());
        if (fault === undefined) return known.token;
        checked.delete(digest);
        return fault;
      }
      const parts = partsOf(token);
      if (parts === undefined || parts.header.alg === 'HS256') return undefined;
      const issuer = issuerOf(parts.header, parts.payload, ACCESS_TYPES);
      return issuer === undefined ? 'INVALID' : verify(token, parts.header, issuer, digest);
    },

    async checkLogout(issuerName, token) {
      const parts = token.length > TOKEN_CHARS_MAX ? undefined : partsOf(token);
      const issuer = parts && issuerOf(parts.header, parts.payload, LOGOUT_TYPES);
      if (parts === undefined || issuer === undefined || issuer !== byName.get(issuerName)) return undefined;
      const payload = await signedPayload(token, parts.header, issuer, issuer.settings.logoutAudiences);
      const claims = typeof payload === 'string' ? payload : (logoutClaims(payload, issuerName, clock()) ?? 'CLAIMS');
      if (typeof claims !== 'string') return claims;
      reported(claims, issuer.settings);
      return undefined;
    },
  };
}

/** Returns undefined when a token with this header may be one of these types. */
function headerFault(
  header: JWSHeaderParameters,
  { algorithms }: IssuerSettings,
  types: readonly string[],
): InvalidCause | undefined {
  if (!algorithms.includes(header.alg as IssuerAlgorithm)) return 'ALGORITHM';
  if (REFUSED_HEADERS.some((name) => name in header)) return 'HEADER';
  const { typ = 'JWT', kid } = header;
  if (typeof typ !== 'string' || !types.includes(typ.toLowerCase())) return 'HEADER';
  return kid === undefined || typeof kid === 'string' ? undefined : 'HEADER';
}

/** Returns undefined for an error that is not about the token. */
function faultOf(error: unknown): TokenFault | InvalidCause | undefined {
  if (error instanceof errors.JWTExpired) return 'EXPIRED';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'nbf') return 'NOT_YET_VALID';
    return error.claim === 'aud' ? 'AUDIENCE' : 'CLAIMS';
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'SIGNATURE';
  return error instanceof errors.JOSEError ? 'FORM' : undefined;
}

/** The header and the encoded payload. Undefined: it has not the form of a token, or its signature is not spelt in the one canonical way. */
function partsOf(token: string): { readonly header: JWSHeaderParameters; readonly payload: string } | undefined {
  const [first = '', payload = '', signature = '', ...rest] = token.split('.', 4);
  if (rest.length > 0 || signature === '') return undefined;
  // Decoding forgives spare bits, padding and foreign characters: another text would be the same token.
  if (Buffer.from(signature, 'base64url').toString('base64url') !== signature) return undefined;
  const header = decodeSegment(first);
  return header === undefined ? undefined : { header, payload };
}
