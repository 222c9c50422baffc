import type { ExternalUsers } from './external-users.ts';
import { isMachine, type Principal } from './principal.ts';

/** Responses are not deeper. */
const DEPTH_MAX = 6;

type Shown = Record<string, unknown> & { readonly userId: string };

/** Is the caller shown how other issuers name users? Customers see themselves only. */
export const seesExternalIds = (principal: Principal | undefined): boolean =>
  principal !== undefined && (principal.role === 'ADMIN' || principal.role === 'SERVICE' || isMachine(principal));

/** Adds `externalId` beside each `userId` of a response whose user is one of another issuer. Changes and returns the response. */
export async function withExternalIds<Body>(users: ExternalUsers, body: Body): Promise<Body> {
  const shown: Shown[] = [];
  collect(body, shown, 0);
  if (shown.length === 0) return body;
  const externalIds = await users.externalIds(shown.map(({ userId }) => BigInt(userId)));
  for (const each of shown) {
    const externalId = externalIds.get(BigInt(each.userId));
    if (externalId !== undefined) each['externalId'] = externalId;
  }
  return body;
}

function collect(value: unknown, into: Shown[], depth: number): void {
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, into, depth + 1);
    return;
  }
  if ('userId' in value && typeof value.userId === 'string') into.push(value as Shown);
  for (const item of Object.values(value)) collect(item, into, depth + 1);
}
