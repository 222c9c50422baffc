import type { PageRequest } from './contract.ts';
import { ID_MAX } from './id-text.ts';

export const PAGE_DEFAULT = 20;
export const PAGE_MAX = 100;

/** The length of a page: the default when none is requested, and never above the maximum. */
export const pageLimit = (page: PageRequest | undefined): number =>
  Math.min(Math.max(page?.limit || PAGE_DEFAULT, 1), PAGE_MAX);

/** The cursor of a request; undefined for the first page. */
export const cursorOf = (page: PageRequest | undefined): string | undefined => page?.cursor || undefined;

/** Returns the start and the length of a page; undefined when the cursor was not issued by this system. */
export function readPage(
  page: PageRequest | undefined,
): { readonly limit: number; readonly before: bigint | undefined } | undefined {
  const limit = pageLimit(page);
  const cursor = cursorOf(page);
  if (cursor === undefined) return { limit, before: undefined };
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  if (!/^\d{1,19}$/.test(text)) return undefined;
  const before = BigInt(text);
  return before <= ID_MAX ? { limit, before } : undefined;
}

/** Cuts a page from `rows`, which hold one row more than `limit` when there is a next page. */
export function cutPage<T>(
  rows: readonly T[],
  limit: number,
  idOf: (row: T) => bigint,
): { readonly rows: readonly T[]; readonly nextCursor: string | undefined } {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const nextCursor = last && Buffer.from(String(idOf(last)), 'latin1').toString('base64url');
  return { rows: rows.slice(0, limit), nextCursor };
}
