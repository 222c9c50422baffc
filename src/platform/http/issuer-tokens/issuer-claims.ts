import type { JWTPayload } from 'jose';
import { isIdText } from '../../kernel/id-text.ts';
import { isSubject } from '../../kernel/subject.ts';
import type { ROLES, Role, TokenFault } from '../access-token.ts';
import type { InvalidCause } from './invalid-tokens.ts';
import type { IssuerSettings } from './issuer-settings.ts';

/** What a valid token of another issuer says. */
export interface IssuerToken {
  readonly issuer: IssuerSettings;
  /** The user as the subject claim names it. */
  readonly subject: string;
  /** The user and the session as logout tokens name them. */
  readonly sub: string | undefined;
  readonly sid: string | undefined;
  readonly role: Role;
  /** Of a SERVICE. */
  readonly scopes: readonly string[];
  /** Seconds since the epoch; the token is valid in [nbf, exp). */
  readonly iat: number;
  readonly exp: number;
  readonly nbf: number | undefined;
}

/** Clocks of two machines differ; `iat` forbids nothing by itself, but the lifetime is counted from it. */
const IAT_AHEAD_SECONDS = 5;
/** The highest role comes first: a user may have several. */
const RANKED: readonly Role[] = ['ADMIN', 'OWNER', 'SERVICE', 'CUSTOMER'] satisfies readonly (typeof ROLES)[number][];

/** Reads the claims of a token whose signature, issuer and audience are right. Returns why it is refused otherwise, whatever the time is. */
export function issuerClaims(
  payload: JWTPayload,
  issuer: IssuerSettings,
  maxLifetimeSeconds: number,
): IssuerToken | InvalidCause | 'LIVES_TOO_LONG' {
  const { iat, exp, nbf, sub, sid } = payload;
  if (!isTime(iat) || !isTime(exp) || (nbf !== undefined && !isTime(nbf))) return 'CLAIMS';
  if (!isAccessToken(payload)) return 'KIND';
  const subject = claimAt(payload, issuer.subjectClaim);
  if (!isSubject(subject)) return 'CLAIMS';
  if (issuer.subjectIsUserId && !isIdText(subject)) return 'CLAIMS';
  if (sid !== undefined && typeof sid !== 'string') return 'CLAIMS';
  if (exp - iat > maxLifetimeSeconds) return 'LIVES_TOO_LONG';
  const role = roleOf(payload, issuer);
  const scopes = role === 'SERVICE' ? wordsAt(payload, issuer.scopesClaim) : [];
  return { issuer, subject, sub: typeof sub === 'string' ? sub : undefined, sid, role, scopes, iat, exp, nbf };
}

/** Why a token is not valid at this time, to the second. Undefined: it is. */
export function timeFault({ iat, exp, nbf = 0 }: IssuerToken, nowMs: number): TokenFault | undefined {
  const nowSeconds = Math.floor(nowMs / 1_000);
  if (nowSeconds >= exp) return 'EXPIRED';
  return nowSeconds < nbf || nowSeconds + IAT_AHEAD_SECONDS < iat ? 'NOT_YET_VALID' : undefined;
}

/** Keycloak states the kind of a token in `typ`, Cognito in `token_use`; a hash of an access token is in ID tokens only, `events` in logout tokens. */
function isAccessToken(payload: JWTPayload): boolean {
  const { typ, token_use: use, at_hash: hash, events } = payload;
  const isBearer = typ === undefined || (typeof typ === 'string' && typ.toLowerCase() === 'bearer');
  return isBearer && (use === undefined || use === 'access') && hash === undefined && events === undefined;
}

function roleOf(payload: JWTPayload, { rolesClaim, roleMapping }: IssuerSettings): Role {
  if (rolesClaim === undefined) return 'CUSTOMER';
  const roles = new Set(wordsAt(payload, rolesClaim).map((word) => roleMapping.get(word)));
  return RANKED.find((role) => roles.has(role)) ?? 'CUSTOMER';
}

/** The words of a claim: a list, or a text separated by spaces. */
function wordsAt(payload: JWTPayload, path: string): readonly string[] {
  const value = claimAt(payload, path);
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '');
  return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : [];
}

/** The claim of this name, which may be a URL, or at this path. */
function claimAt(payload: JWTPayload, path: string): unknown {
  if (Object.hasOwn(payload, path)) return payload[path];
  let value: unknown = payload;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
