import type { IssuerToken } from '../../platform/http/issuer-tokens/issuer-claims.ts';
import type { IssuerTokens } from '../../platform/http/issuer-tokens/issuer-tokens.ts';
import type { Clock } from '../../platform/kernel/clock.ts';
import type { BlockedUsers } from './blocked-users.ts';
import type { ExternalLogouts } from './external-logouts.ts';
import type { ExternalUsers } from './external-users.ts';
import type { Principal } from './principal.ts';
import type { PrivilegedUsers } from './privileged-users.ts';
import type { RejectedReason } from './rejected.ts';

/** What lasts longer, such as a stream, authenticates again after this time: the user may have been locked, or logged out, meanwhile. */
const VALID_MS = 5_000;

type Caller = Principal | RejectedReason;
/** Finds the caller of a token of another issuer. Undefined: no issuer of the configuration could have signed it. */
export type IssuerCaller = (token: string) => Caller | undefined | Promise<Caller>;

export interface IssuerCallerDeps {
  readonly tokens: Pick<IssuerTokens, 'check'>;
  readonly users: Pick<ExternalUsers, 'ofToken'>;
  readonly logouts: Pick<ExternalLogouts, 'hasEnded'>;
  readonly blocked: Pick<BlockedUsers, 'has'>;
  readonly privileged: Pick<PrivilegedUsers, 'has' | 'add'>;
  readonly clock: Clock;
}

/** Without a call where the token and its user are known already. Thrown, as a rejection: Unavailable. */
export function issuerCaller({ tokens, users, logouts, blocked, privileged, clock }: IssuerCallerDeps): IssuerCaller {
  function principalOf(userId: bigint, { role, scopes, exp }: IssuerToken): Caller {
    if (blocked.has(userId)) return 'USER_BLOCKED';
    const validUntilMs = Math.min(exp * 1_000, clock() + VALID_MS);
    if (role === 'SERVICE') return { userId, role, validUntilMs, serviceId: userId, privileged, blocked, scopes };
    // Others read it with their next poll.
    if (role !== 'CUSTOMER') privileged.add(userId);
    return { userId, role, validUntilMs };
  }
  function callerOf(token: IssuerToken): Caller | Promise<Caller> {
    if (logouts.hasEnded(token)) return 'SESSION_ENDED';
    const { issuer, subject, role } = token;
    const userId = users.ofToken({ issuer: issuer.name, subject }, role);
    return userId instanceof Promise ? userId.then((id) => principalOf(id, token)) : principalOf(userId, token);
  }
  return (text) => {
    const checked = tokens.check(text);
    if (checked === undefined) return undefined;
    if (checked instanceof Promise)
      return checked.then((token) => (typeof token === 'string' ? (`TOKEN_${token}` as const) : callerOf(token)));
    return typeof checked === 'string' ? `TOKEN_${checked}` : callerOf(checked);
  };
}
