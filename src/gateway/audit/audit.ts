import type { AuditEntry } from '../../platform/kernel/contract.ts';
import type { IdSource } from '../../platform/kernel/ids.ts';
import { actsForCustomer, type Principal } from '../auth/principal.ts';
import type { RouteSpec } from '../server/route.ts';

const FIELDS_MAX = 50;
/** Where a body names what is changed, or whom it concerns, in this order. */
const SUBJECT_FIELDS = ['couponPolicyId', 'policyId', 'couponId', 'orderId', 'productId', 'userId'] as const;

/** What a line says of its request. */
export interface AuditedRequest {
  readonly id: string;
  readonly params: unknown;
  readonly query?: unknown;
  /** Undefined for an upload. */
  readonly body: unknown;
}

/** Returns the line that a request leaves in the audit log when it changes something; undefined for commands of customers. */
export type AuditOf = (
  principal: Principal | undefined,
  route: Pick<RouteSpec, 'id' | 'access' | 'machinesDoMore'>,
  request: AuditedRequest,
) => AuditEntry | undefined;

export const auditLines =
  (nextId: IdSource): AuditOf =>
  (principal, route, { id: requestId, params, query, body }) => {
    const named = Object(body) as Readonly<Record<string, unknown>>;
    const namesCustomer = (named['userId'] ?? Object(query)['userId']) !== undefined;
    if (principal === undefined || !isAudited(principal, route, namesCustomer)) return undefined;
    return {
      id: nextId(),
      actor: actorOf(principal),
      role: principal.role,
      operation: route.id,
      requestId,
      subject: subjectOf(Object(params), named),
      fields: [...Object.keys(named).slice(0, FIELDS_MAX).sort(), ...furtherIds(Object(params))],
    };
  };

/**
 * Every change by an ADMIN or an OWNER, and every change by a machine that is not the command of a customer: one for whom it acts, or whom it
 * names where that customer could do the same. Commands of customers stand in histories and ledger.
 */
function isAudited(
  principal: Principal,
  { access, machinesDoMore }: Pick<RouteSpec, 'access' | 'machinesDoMore'>,
  namesCustomer: boolean,
): boolean {
  if (actsForCustomer(principal) || principal.role === 'CUSTOMER') return false;
  if (principal.role !== 'SERVICE') return true;
  return !namesCustomer || machinesDoMore === true || typeof access !== 'string';
}

function actorOf(principal: Principal): string {
  if (principal.apiKey !== undefined) return `key:${principal.apiKey.id}`;
  return principal.role === 'SERVICE' ? `service:${principal.userId}` : `user:${principal.userId}`;
}

function subjectOf(
  params: Readonly<Record<string, unknown>>,
  body: Readonly<Record<string, unknown>>,
): string | undefined {
  const [ofPath] = Object.values(params);
  const ofBody = SUBJECT_FIELDS.map((field) => body[field]).find((value) => value !== undefined);
  const subject = ofPath ?? ofBody;
  return isId(subject) ? String(subject) : undefined;
}

/** The ids of a path after that of the subject, such as `userId:42` for the member of a store's staff. An id is no personal value. */
const furtherIds = (params: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(params)
    .slice(1)
    .map(([name, id]) => `${name}:${id}`);

const isId = (value: unknown): boolean =>
  typeof value === 'bigint' || typeof value === 'number' || (typeof value === 'string' && value.length <= 200);
