import type { Role } from '../../platform/http/access-token.ts';
import type { Principal as ProtoPrincipal } from '../../platform/kernel/contract.ts';
import { isManager, isOperator } from '../../platform/kernel/operator.ts';
import { ProblemError } from '../problems/problem.ts';

/**
 * The authenticated caller. A machine that acts for the customer of X-User-Id has the id and the role of that customer, so that every rule
 * for customers holds for it, and its scopes beside it. An API key that acts for no user has the `userId` 0.
 */
export interface Principal {
  readonly userId: bigint;
  readonly role: Role;
  /** The session of the token, when this system issued it. */
  readonly sessionId?: string;
  /** Until when the credential was found to be valid. What lasts longer, such as a stream, authenticates again then. */
  readonly validUntilMs?: number;
  /** Set when an API key was presented. `rateLimit`: its own limit, in requests a minute. */
  readonly apiKey?: { readonly id: bigint; readonly rateLimit: number | undefined };
  /** The machine's own id, when it presented a token with the role SERVICE. */
  readonly serviceId?: bigint;
  /** The external id in X-User-Id of a machine, until named-users.ts replaces it by `userId`. Until then `userId` is 0, which is the id of no user. */
  readonly actsForName?: string;
  /** What a machine may do; absent is nothing. Names that are no scopes allow nothing. */
  readonly scopes?: readonly string[];
  /** Of a machine: the users for whom it may not act, OWNERs and ADMINs. */
  readonly privileged?: { has(userId: bigint): boolean };
  /** Of a machine: users who are locked or deleted. It does not act for them by X-User-Id. */
  readonly blocked?: { has(userId: bigint): boolean };
}

/** Was the credential that of a machine, whether it acts for a customer or not? It needs a scope for everything. */
export const isMachine = ({ apiKey, serviceId }: Principal): boolean => apiKey !== undefined || serviceId !== undefined;

/** Does a machine act for a customer, by X-User-Id? It may do what its scopes allow and that customer may do. */
export const actsForCustomer = (principal: Principal): boolean => isMachine(principal) && principal.role !== 'SERVICE';

/** The machine as the customer for whom it acts. */
export const asCustomer = (machine: Principal, userId: bigint): Principal => ({ ...machine, userId, role: 'CUSTOMER' });

/** Converts a principal to the contexts' message. */
export const toProto = (principal: Principal): ProtoPrincipal => ({ userId: principal.userId, role: principal.role });

/** May a list be up to 5 s old? Not for those who change what it lists, who look for their changes in it. */
export const mayLag = (principal: Principal | undefined): boolean => !isManager(principal?.role);

/** One bucket of a limit, one owner of an idempotency key. */
export const principalKey = ({ apiKey, serviceId, userId }: Principal): string =>
  apiKey === undefined ? `u${serviceId ?? userId}` : `k${apiKey.id}`;

/** Is this user one for whom the machine may not act? */
export const actsForPrivileged = ({ privileged }: Principal, userId: bigint): boolean =>
  privileged?.has(userId) === true;

/** Does a machine act, by X-User-Id, for a user whose own tokens are refused? */
export const actsForBlocked = (principal: Principal): boolean =>
  actsForCustomer(principal) && principal.blocked?.has(principal.userId) === true;

/** Throws NOT_FOUND for another user's data, so that ids cannot be probed, and FORBIDDEN for a machine that names an OWNER or ADMIN. */
export function requireReader(principal: Principal, userId: bigint): void {
  if (actsForPrivileged(principal, userId)) throw new ProblemError('FORBIDDEN');
  if (principal.userId !== userId && !isOperator(principal.role)) throw new ProblemError('NOT_FOUND');
}

/** The header serves every such route; some have a field as well. */
const NAMES_A_USER =
  'a machine names the user for whom it acts, in this header or in the field userId of routes that have one';

/** For whom a write is: the principal, or the user it names when it may. Refused: FORBIDDEN, VALIDATION_FAILED. */
export function subjectOf(principal: Principal, named: bigint | undefined): bigint {
  if (named !== undefined && named !== principal.userId && !isOperator(principal.role))
    throw new ProblemError('FORBIDDEN');
  // The id of a machine's token is not that of a user.
  const userId = named ?? (principal.role === 'SERVICE' ? 0n : principal.userId);
  if (actsForPrivileged(principal, userId)) throw new ProblemError('FORBIDDEN');
  if (userId > 0n) return userId;
  throw new ProblemError('VALIDATION_FAILED', {
    errors: [{ field: 'X-User-Id', code: 'REQUIRED', message: NAMES_A_USER }],
  });
}

/** The user whose an order or payment has to be, or it is reported as missing. Undefined: ADMIN and SERVICE read those of all users. */
export const ownerRequired = (principal: Principal): bigint | undefined =>
  isOperator(principal.role) ? undefined : principal.userId;
