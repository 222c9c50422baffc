import { parseId } from '../../platform/kernel/id-text.ts';
import { EXTERNAL_ID_FIELDS } from '../server/schemas.ts';
import type { ExternalUsers } from './external-users.ts';
import { isMachine, type Principal } from './principal.ts';

/** Responses are not deeper. */
const DEPTH_MAX = 6;

/** Where a response names a user. */
interface Shown {
  readonly userId: bigint;
  /** Puts the external id beside the id. */
  readonly show: (externalId: string) => void;
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
  for (const { userId, show } of shown) {
    const externalId = externalIds.get(userId);
    if (externalId !== undefined) show(externalId);
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
  for (const [idField, { field, pattern, beside }] of FIELDS) {
    const named = object[idField];
    if (named === undefined || (beside !== undefined && !Object.hasOwn(object, beside))) continue;
    if (Array.isArray(named)) collectList(object, field, named, into);
    const userId = typeof named === 'string' ? parseId(pattern?.exec(named)?.[1] ?? named) : undefined;
    if (userId !== undefined)
      into.push({ userId, show: (externalId) => Object.assign(object, { [field]: externalId }) });
  }
  for (const item of Object.values(value)) collect(item, into, depth + 1);
}

/** A list of ids: their external ids are by id in an object beside it, which exists when there is one. */
function collectList(object: Record<string, unknown>, field: string, ids: readonly unknown[], into: Shown[]): void {
  const byId: Record<string, string> = {};
  for (const id of ids) {
    const userId = typeof id === 'string' ? parseId(id) : undefined;
    if (userId === undefined) continue;
    const show = (externalId: string): void => {
      byId[String(id)] = externalId;
      object[field] = byId;
    };
    into.push({ userId, show });
  }
}
