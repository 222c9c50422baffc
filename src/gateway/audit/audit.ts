import type { AuditEntry } from '../../platform/kernel/contract.ts';
import type { IdSource } from '../../platform/kernel/ids.ts';
import type { Principal } from '../auth/principal.ts';
import type { RouteSpec } from '../server/route.ts';

const FIELDS_MAX = 50;
/** Where a body names what is changed, or whom it concerns, in this order. */
const SUBJECT_FIELDS = ['couponPolicyId', 'policyId', 'couponId', 'orderId', 'productId', 'userId'] as const;

/** What a line says of its request. */
export interface AuditedRequest {
  readonly id: string;
  readonly params: unknown;
  /** Undefined for an upload. */
  readonly body: unknown;
}

/** Returns the line that a request leaves in the audit log when it changes something; undefined for commands of customers. */
export type AuditOf = (
  principal: Principal | undefined,
  route: Pick<RouteSpec, 'id' | 'access'>,
  request: AuditedRequest,
) => AuditEntry | undefined;

export const auditLines =
  (nextId: IdSource): AuditOf =>
  (principal, { id: operation, access }, { id: requestId, params, body }) => {
    if (principal === undefined || !isAudited(principal, access)) return undefined;
    const named = Object(body) as Readonly<Record<string, unknown>>;
    return {
      id: nextId(),
      actor: actorOf(principal),
      role: principal.role,
      operation,
      requestId,
      subject: subjectOf(Object(params), named),
      fields: Object.keys(named).slice(0, FIELDS_MAX).sort(),
    };
  };

/** Every change by an ADMIN or an OWNER, and by a machine what customers cannot do. Their own commands stand in histories and ledger. */
const isAudited = ({ role }: Principal, access: RouteSpec['access']): boolean =>
  role === 'ADMIN' || role === 'OWNER' || (role === 'SERVICE' && typeof access !== 'string');

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

const isId = (value: unknown): boolean =>
  typeof value === 'bigint' || typeof value === 'number' || (typeof value === 'string' && value.length <= 200);
