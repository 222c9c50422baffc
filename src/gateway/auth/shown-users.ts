import { EXTERNAL_ID_FIELDS } from '../server/schemas.ts';
import type { ExternalUsers } from './external-users.ts';
import { isMachine, type Principal } from './principal.ts';

/** Responses are not deeper. */
const DEPTH_MAX = 6;

/** Where a response names a user: the external id goes into `field` of the object. */
interface Shown {
  readonly object: Record<string, unknown>;
  readonly field: string;
  readonly userId: bigint;
}
const FIELDS = Object.entries(EXTERNAL_ID_FIELDS);

/** Is the caller shown how other issuers name users? Customers see themselves only. */
export const seesExternalIds = (principal: Principal | undefined): boolean =>
  principal !== undefined && (principal.role === 'ADMIN' || principal.role === 'SERVICE' || isMachine(principal));

/** Adds the external id beside each id of a response whose user is one of another issuer (EXTERNAL_ID_FIELDS). Changes and returns the response. */
export async function withExternalIds<Body>(users: ExternalUsers, body: Body): Promise<Body> {
  const shown: Shown[] = [];
  collect(body, shown, 0);
  if (shown.length === 0) return body;
  const externalIds = await users.externalIds(shown.map(({ userId }) => userId));
  for (const { object, field, userId } of shown) {
    const externalId = externalIds.get(userId);
    if (externalId !== undefined) object[field] = externalId;
  }
  return body;
}

function collect(value: unknown, into: Shown[], depth: number): void {
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, into, depth + 1);
    return;
  }
  const object = value as Record<string, unknown>;
  for (const [idField, field] of FIELDS) {
    const id = object[idField];
    if (typeof id === 'string') into.push({ object, field, userId: BigInt(id) });
  }
  for (const item of Object.values(value)) collect(item, into, depth + 1);
}
