import { looksLikeExternalId } from '../../contexts/identity/api.ts';
import type { ExternalUsers } from './external-users.ts';

/** What routes of files need. Undefined: there is no other issuer. */
export interface FileUsersDeps {
  readonly externalUsers: ExternalUsers | undefined;
}

/**
 * Replaces external ids among the cells of an uploaded column by ids; users who were never seen are added. A cell that names no user of an issuer of the
 * configuration stays as it is, and is an error of its row.
 */
export async function withUserIds(
  users: ExternalUsers | undefined,
  cells: readonly string[],
): Promise<readonly string[]> {
  if (users === undefined || !cells.some(looksLikeExternalId)) return cells;
  return await Promise.all(
    cells.map(async (cell) =>
      looksLikeExternalId(cell) ? String((await users.ofExternalId(cell, 'ADD')) ?? cell) : cell,
    ),
  );
}

/** The external ids of the users of a page of an export. */
export const externalIdsOf = async (
  users: ExternalUsers | undefined,
  userIds: readonly (bigint | undefined)[],
): Promise<ReadonlyMap<bigint | undefined, string>> =>
  users === undefined ? new Map() : await users.externalIds(userIds.filter((id) => id !== undefined));
