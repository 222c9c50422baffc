import type { Role } from '../../platform/http/access-token.ts';
import type { Principal as ProtoPrincipal } from '../../platform/kernel/contract.ts';
import { isOperator } from '../../platform/kernel/operator.ts';
import { ProblemError } from '../problems/problem.ts';

/** The authenticated caller. For an API key `userId` is 0, or the user of X-User-Id on whose behalf the machine acts. */
export interface Principal {
  readonly userId: bigint;
  readonly role: Role;
  /** The session of the token, when this system issued it. */
  readonly sessionId?: string;
  /** Set when an API key was presented. `rateLimit`: its own limit, in requests a minute. */
  readonly apiKey?: { readonly id: bigint; readonly rateLimit: number | undefined };
  /** What a SERVICE principal may do; absent is nothing. Names that are no scopes allow nothing. */
  readonly scopes?: readonly string[];
  /** Of a machine: the users for whom it may not act, OWNERs and ADMINs. */
  readonly privileged?: { has(userId: bigint): boolean };
}

/** Converts a principal to the contexts' message. */
export const toProto = (principal: Principal): ProtoPrincipal => ({ userId: principal.userId, role: principal.role });

/** One bucket of a limit, one owner of an idempotency key. */
export const principalKey = (principal: Principal): string =>
  principal.apiKey === undefined ? `u${principal.userId}` : `k${principal.apiKey.id}`;

/** Is this user one for whom the machine may not act? */
export const actsForPrivileged = ({ privileged }: Principal, userId: bigint): boolean =>
  privileged?.has(userId) === true;

/** Throws NOT_FOUND for another user's data, so that ids cannot be probed, and FORBIDDEN for a machine that names an OWNER or ADMIN. */
export function requireReader(principal: Principal, userId: bigint): void {
  if (actsForPrivileged(principal, userId)) throw new ProblemError('FORBIDDEN');
  if (principal.userId !== userId && !isOperator(principal.role)) throw new ProblemError('NOT_FOUND');
}

/** For whom a write is: the principal, or the user it names when it may. Refused: FORBIDDEN, VALIDATION_FAILED. */
export function subjectOf(principal: Principal, named: bigint | undefined): bigint {
  if (named !== undefined && named !== principal.userId && !isOperator(principal.role))
    throw new ProblemError('FORBIDDEN');
  const userId = named ?? principal.userId;
  if (actsForPrivileged(principal, userId)) throw new ProblemError('FORBIDDEN');
  if (userId > 0n) return userId;
  throw new ProblemError('VALIDATION_FAILED', {
    errors: [{ field: 'userId', code: 'REQUIRED', message: 'a machine names the user it acts for' }],
  });
}

/** The user whose an order or payment has to be, or it is reported as missing. Undefined: ADMIN and SERVICE read those of all users. */
export const ownerRequired = (principal: Principal): bigint | undefined =>
  isOperator(principal.role) ? undefined : principal.userId;
