import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import { type IdentityService, parseExternalId } from '../../contexts/identity/api.ts';
import type { AccessTokens } from '../../platform/http/access-token.ts';
import type { Clock } from '../../platform/kernel/clock.ts';
import { HOUR_MS } from '../../platform/kernel/durations.ts';
import { isIdText } from '../../platform/kernel/id-text.ts';
import type { BlockedUsers } from './blocked-users.ts';
import type { IssuerCaller } from './issuer-callers.ts';
import { actsForBlocked, asCustomer, type Principal } from './principal.ts';
import type { PrivilegedUsers } from './privileged-users.ts';
import type { RejectedReason } from './rejected.ts';
import type { RevokedSessions } from './revoked-sessions.ts';

/** Every API key starts like this, so that it is recognised in logs, repositories and headers. */
export const API_KEY_PREFIX = 'sk_stampede_';
const API_KEY_BYTES_MAX = 256;
/** A revoked or changed key may be accepted as it was for this long, well below the documented 30 s. */
const API_KEY_TTL_MS = 5_000;
const API_KEYS_MAX = 1_000;
/** For this long after it was verified a key is looked up without being counted first. */
const VERIFIED_KEY_TTL_MS = HOUR_MS;
const VERIFIED_KEYS_MAX = 10_000;

/** What is read of a request. */
export interface Presented {
  readonly headers: IncomingHttpHeaders;
  /** The address of the client. */
  readonly ip: string;
}

/** A credential was presented, and is not accepted. */
export class Rejected {
  readonly reason: RejectedReason;
  /** The limit of the address has counted the request already. */
  readonly isCounted: boolean;

  constructor(reason: RejectedReason, isCounted = false) {
    this.reason = reason;
    this.isCounted = isCounted;
  }
}

/** Undefined: no credential was presented. */
export type Authenticated = Principal | Rejected | undefined;

/** Does the general limit count a request? Of routes that are exempt it counts callers without a valid credential. */
export const mustCount = ({ unlimited = false }: { readonly unlimited?: boolean }, caller: Authenticated): boolean =>
  caller instanceof Rejected ? !caller.isCounted : caller === undefined || !unlimited;

/**
 * Finds the caller. An access token of ours is checked synchronously; one of another issuer and an API key may need a look-up. Thrown: RATE_LIMITED by
 * the limit of the address, before an unknown key is looked up; Unavailable, when the keys of another issuer are not known.
 */
export type Authenticate = (request: Presented) => Authenticated | Promise<Authenticated>;

export interface AuthenticateDeps {
  readonly tokens: Pick<AccessTokens, 'check'>;
  readonly revoked: Pick<RevokedSessions, 'has'>;
  readonly blocked: Pick<BlockedUsers, 'has'>;
  readonly privileged: Pick<PrivilegedUsers, 'has'>;
  readonly clock: Clock;
  /** Undefined: tokens of this system and of the shop's own login only. */
  readonly otherIssuers: { readonly caller: IssuerCaller } | undefined;
  readonly identity: Pick<IdentityService, 'verifyApiKey'>;
  /** Counts a request without a principal by its address. Thrown: RATE_LIMITED. */
  readonly countByAddress: (request: Presented) => Promise<void>;
}

interface KnownKey {
  readonly principal: Principal;
  readonly expiresAt: Date | undefined;
}

/** The one place that authenticates requests; the guard and the hot routes use it. */
export function authenticator(deps: AuthenticateDeps): Authenticate {
  const keys = new LRUCache<string, KnownKey>({ max: API_KEYS_MAX, ttl: API_KEY_TTL_MS });
  const verifiedKeys = new LRUCache<string, true>({ max: VERIFIED_KEYS_MAX, ttl: VERIFIED_KEY_TTL_MS });

  const lookUps = new Map<string, Promise<KnownKey | Rejected>>();

  /**
   * The machine, or the customer for whom X-User-Id says that it acts. An external id stays one: it is looked up when the limits, the scope and the schemas
   * have let the request through.
   */
  function actingFor(machine: Principal, { headers }: Presented): Authenticated {
    const named = headers['x-user-id'];
    if (named === undefined) return machine;
    if (typeof named !== 'string') return new Rejected('ACTING_USER_MALFORMED');
    if (isIdText(named)) {
      const acting = asCustomer(machine, BigInt(named));
      return actsForBlocked(acting) ? new Rejected('ACTING_USER_BLOCKED') : acting;
    }
    if (deps.otherIssuers === undefined || parseExternalId(named) === undefined)
      return new Rejected('ACTING_USER_MALFORMED');
    return { ...asCustomer(machine, 0n), actsForName: named };
  }

  const byIssuerToken = (token: string, request: Presented): Authenticated | Promise<Authenticated> | undefined => {
    const caller = deps.otherIssuers?.caller(token);
    if (caller === undefined) return undefined;
    if (caller instanceof Promise) return caller.then((found) => asAuthenticated(found, request));
    return asAuthenticated(caller, request);
  };
  const asAuthenticated = (caller: Principal | RejectedReason, request: Presented) => {
    if (typeof caller === 'string') return new Rejected(caller);
    return caller.role === 'SERVICE' ? actingFor(caller, request) : caller;
  };

  const byToken = (token: string, request: Presented): Authenticated | Promise<Authenticated> => {
    const claims = deps.tokens.check(token);
    if (typeof claims === 'string') return byIssuerToken(token, request) ?? new Rejected(`TOKEN_${claims}`);
    const { sub, role, sid, scope, exp } = claims;
    if (sid !== undefined && deps.revoked.has(sid)) return new Rejected('SESSION_ENDED');
    const userId = BigInt(sub);
    // The id of a machine is not that of a user.
    if (role !== 'SERVICE' && deps.blocked.has(userId)) return new Rejected('USER_BLOCKED');
    const validUntilMs = exp * 1000;
    const principal =
      sid === undefined ? { userId, role, validUntilMs } : { userId, role, sessionId: sid, validUntilMs };
    if (role !== 'SERVICE') return principal;
    const { privileged, blocked } = deps;
    const scopes = scope?.split(' ') ?? [];
    return actingFor({ ...principal, serviceId: userId, privileged, blocked, scopes }, request);
  };

  const lookUp = async (secret: string, digest: string, request: Presented): Promise<KnownKey | Rejected> => {
    const isCounted = !verifiedKeys.has(digest);
    if (isCounted) await deps.countByAddress(request);
    const { outcome } = await deps.identity.verifyApiKey({ secret });
    if (outcome?.$case !== 'apiKey') {
      verifiedKeys.delete(digest);
      return new Rejected('API_KEY_INVALID', isCounted);
    }
    const { id, scopes, expiresAt, rateLimit } = outcome.value;
    const { privileged, blocked } = deps;
    const validUntilMs = Math.min(deps.clock() + API_KEY_TTL_MS, expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
    const apiKey = { id, rateLimit };
    const principal: Principal = { userId: 0n, role: 'SERVICE', apiKey, scopes, privileged, blocked, validUntilMs };
    const known = { principal, expiresAt };
    keys.set(digest, known);
    verifiedKeys.set(digest, true);
    return known;
  };

  /** One look-up, and one count, for all concurrent requests with a key: a backend may send hundreds when a node starts. */
  const lookUpOnce = async (secret: string, digest: string, request: Presented): Promise<KnownKey | Rejected> => {
    const underWay = lookUps.get(digest);
    if (underWay !== undefined) {
      const found = await underWay;
      return found instanceof Rejected ? new Rejected(found.reason) : found;
    }
    const started = lookUp(secret, digest, request).finally(() => lookUps.delete(digest));
    lookUps.set(digest, started);
    return started;
  };

  const byKey = async (secret: string, request: Presented): Promise<Authenticated> => {
    if (secret.length > API_KEY_BYTES_MAX) return new Rejected('API_KEY_MALFORMED');
    const digest = createHash('sha256').update(secret).digest('base64');
    const known = keys.get(digest) ?? (await lookUpOnce(secret, digest, request));
    if (known instanceof Rejected) return known;
    const { principal, expiresAt } = known;
    // A key that expires while it is in memory is refused to the millisecond, unlike one that is revoked.
    if (expiresAt !== undefined && deps.clock() >= expiresAt.getTime()) return new Rejected('API_KEY_INVALID');
    return actingFor(principal, request);
  };

  return (request) => {
    const { authorization, 'x-api-key': apiKey } = request.headers;
    if (authorization === undefined && apiKey === undefined) return undefined;
    const presented = bearerOf(authorization);
    // Two credentials may name different principals: refuse the request instead of choosing one.
    if (authorization !== undefined && apiKey !== undefined) return new Rejected('TWO_CREDENTIALS');
    const key = presented?.startsWith(API_KEY_PREFIX) ? presented : apiKey;
    if (typeof key === 'string') return byKey(key, request);
    return presented === undefined ? new Rejected('TOKEN_MALFORMED') : byToken(presented, request);
  };
}

function bearerOf(header: string | undefined): string | undefined {
  if (header === undefined || header.length < 8) return undefined;
  return header.slice(0, 7).toLowerCase() === 'bearer ' ? header.slice(7) : undefined;
}
