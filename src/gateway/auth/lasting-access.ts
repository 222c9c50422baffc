import type { Clock } from '../../platform/kernel/clock.ts';
import { type Authenticate, type Presented, Rejected } from './authenticate.ts';
import type { BlockedUsers } from './blocked-users.ts';
import type { Principal } from './principal.ts';
import { isMachine } from './principal.ts';
import type { RevokedSessions } from './revoked-sessions.ts';
import { type RouteScope, scopeProblem } from './scopes.ts';

/** Returns a function that says whether a caller may still do what lasts, such as reading a stream. It is cheap, unless a credential has to be looked up. */
export type LastingAccess = (
  principal: Principal,
  request: Presented,
  scope: RouteScope,
) => () => boolean | Promise<boolean>;

export interface LastingAccessDeps {
  readonly authenticate: Authenticate;
  readonly revoked: Pick<RevokedSessions, 'has'>;
  readonly blocked: Pick<BlockedUsers, 'has'>;
  readonly clock: Clock;
}

export const lastingAccess =
  ({ authenticate, revoked, blocked, clock }: LastingAccessDeps): LastingAccess =>
  (principal, { headers, ip }, scope) => {
    const { authorization, 'x-api-key': apiKey, 'x-user-id': actingFor } = headers;
    // Not the request itself, which would stay in memory as long as the stream.
    const presented: Presented = {
      headers: {
        ...(authorization !== undefined && { authorization }),
        ...(apiKey !== undefined && { 'x-api-key': apiKey }),
        ...(actingFor !== undefined && { 'x-user-id': actingFor }),
      },
      ip,
    };
    let { sessionId, validUntilMs = 0 } = principal;

    /** The same credential once more: an access token has expired, an API key may have been revoked, or may do less. */
    async function again(): Promise<boolean> {
      const caller = await authenticate(presented);
      if (caller === undefined || caller instanceof Rejected) return false;
      ({ sessionId, validUntilMs = 0 } = caller);
      // An external id was resolved at the beginning; it stays that of the same user.
      const same = caller.actsForName === undefined ? caller : { ...caller, userId: principal.userId };
      return !isMachine(same) || scopeProblem(same, scope) === undefined;
    }

    return () => {
      if (sessionId !== undefined && revoked.has(sessionId)) return false;
      // The id of a machine is not that of a user.
      if (principal.role !== 'SERVICE' && blocked.has(principal.userId)) return false;
      return clock() < validUntilMs || again();
    };
  };
