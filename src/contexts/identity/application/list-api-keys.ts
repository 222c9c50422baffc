import { cursorOf, pageLimit } from '../../../platform/kernel/pages.ts';
import type { ListApiKeysRequest, ListApiKeysResponse } from '../api.ts';
import { readCursor, writeCursor } from '../domain/cursor.ts';
import type { IdentityPorts } from './ports.ts';
import { toApiKey } from './responses.ts';

/** Keys that are not revoked, newest first. Returns the first page for a cursor that was not issued by this operation. */
export const listApiKeys =
  ({ store }: IdentityPorts) =>
  async ({ page }: ListApiKeysRequest): Promise<ListApiKeysResponse> => {
    const limit = pageLimit(page);
    const cursor = cursorOf(page);
    const before = cursor === undefined ? undefined : readCursor(cursor);
    // One more than requested shows whether there is a next page, without counting.
    const found = await store.apiKeys({ limit: limit + 1, ...(before !== undefined && { before }) });
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    return {
      apiKeys: shown.map(toApiKey),
      nextCursor: found.length > limit && last !== undefined ? writeCursor(last.id) : undefined,
    };
  };
