import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { IdentityService } from '../../contexts/identity/api.ts';
import type { AccessTokens } from '../../platform/http/access-token.ts';
import type { Clock } from '../../platform/kernel/clock.ts';
import { isIdText } from '../../platform/kernel/id-text.ts';
import type { Principal } from './principal.ts';
import type { PrivilegedUsers } from './privileged-users.ts';
import type { RevokedSessions } from './revoked-sessions.ts';

/** Every API key starts like this, so that it is recognised in logs, repositories and headers. */
export const API_KEY_PREFIX = 'sk_stampede_';
const API_KEY_BYTES_MAX = 256;
/** A revoked key may be accepted for this long, well below the documented 30 s. */
const API_KEY_TTL_MS = 5_000;
const API_KEYS_MAX = 1_000;

/** Returns undefined for an unknown caller. An access token is checked synchronously; an API key may need a look-up. */
export type Authenticate = (headers: IncomingHttpHeaders) => Principal | undefined | Promise<Principal | undefined>;

export interface AuthenticateDeps {
  readonly tokens: AccessTokens;
  readonly revoked: RevokedSessions;
  readonly privileged: Pick<PrivilegedUsers, 'has'>;
  readonly clock: Clock;
  readonly identity: Pick<IdentityService, 'verifyApiKey'>;
}

interface KnownKey {
  readonly principal: Principal;
  readonly expiresAt: Date | undefined;
}

/** The one place that authenticates requests; the guard and the hot routes use it. */
export function authenticator(deps: AuthenticateDeps): Authenticate {
  const keys = new LRUCache<string, KnownKey>({ max: API_KEYS_MAX, ttl: API_KEY_TTL_MS });

  const byToken = (token: string): Principal | undefined => {
    const claims = deps.tokens.verify(token);
    if (claims === undefined) return undefined;
    const { sub, role, sid, scope } = claims;
    if (sid !== undefined && deps.revoked.has(sid)) return undefined;
    const userId = BigInt(sub);
    const principal = sid === undefined ? { userId, role } : { userId, role, sessionId: sid };
    return scope === undefined ? principal : { ...principal, scopes: scope.split(' ') };
  };

  const byKey = async (secret: string, onBehalfOf: string | undefined): Promise<Principal | undefined> => {
    if (secret.length > API_KEY_BYTES_MAX) return undefined;
    if (onBehalfOf !== undefined && !isIdText(onBehalfOf)) return undefined;
    const digest = createHash('sha256').update(secret).digest('base64');
    let known = keys.get(digest);
    if (known === undefined) {
      const { outcome } = await deps.identity.verifyApiKey({ secret });
      if (outcome?.$case !== 'apiKey') return undefined;
      const { id, scopes, expiresAt } = outcome.value;
      known = { principal: { userId: 0n, role: 'SERVICE', apiKey: { id }, scopes }, expiresAt };
      keys.set(digest, known);
    }
    const { principal, expiresAt } = known;
    // A key that expires while it is in memory is refused to the millisecond, unlike one that is revoked.
    if (expiresAt !== undefined && deps.clock() >= expiresAt.getTime()) return undefined;
    if (onBehalfOf === undefined) return principal;
    const userId = BigInt(onBehalfOf);
    return { ...principal, userId, ...(deps.privileged.has(userId) && { actsForPrivileged: true }) };
  };

  return (headers) => {
    const presented = bearerOf(headers.authorization);
    const key = presented?.startsWith(API_KEY_PREFIX) ? presented : headers['x-api-key'];
    // Two credentials may name different principals: refuse the request instead of choosing one.
    if (presented !== undefined && headers['x-api-key'] !== undefined) return undefined;
    if (typeof key === 'string') return byKey(key, one(headers['x-user-id']));
    return presented === undefined ? undefined : byToken(presented);
  };
}

function bearerOf(header: string | undefined): string | undefined {
  if (header === undefined || header.length < 8) return undefined;
  return header.slice(0, 7).toLowerCase() === 'bearer ' ? header.slice(7) : undefined;
}

const one = (header: string | readonly string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : undefined;
