import { looksLikeExternalId } from '../../contexts/identity/api.ts';
import { type ExternalUsers, ofExternalIds } from './external-users.ts';
import type { Principal } from './principal.ts';
import { seesExternalIds } from './shown-users.ts';

/** What routes of files need. Undefined: there is no other issuer. */
export interface FileUsersDeps {
  readonly externalUsers: ExternalUsers | undefined;
}

/**
 * Replaces external ids among the cells of an uploaded column by ids; users who were never seen are added. A cell that names no user of an issuer of the
 * configuration stays as it is, and is an error of its row; so does every external id in a file of an OWNER.
 */
export async function withUserIds(
  users: ExternalUsers | undefined,
  principal: Principal,
  cells: readonly string[],
): Promise<readonly string[]> {
  const names = [...new Set(cells.filter(looksLikeExternalId))];
  if (users === undefined || names.length === 0 || !seesExternalIds(principal)) return cells;
  const ids = await ofExternalIds(users, names, 'ADD');
  return cells.map((cell) => String(ids.get(cell) ?? cell));
}

/** The external ids of the users of a page of an export. */
export const externalIdsOf = async (
  users: ExternalUsers | undefined,
  userIds: readonly (bigint | undefined)[],
): Promise<ReadonlyMap<bigint | undefined, string>> =>
  users === undefined ? new Map() : await users.externalIds(userIds.filter((id) => id !== undefined));
