import type { PageRequest } from '../../platform/kernel/contract.ts';
import { cutPage, pageLimit } from '../../platform/kernel/pages.ts';

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextCursor: string | undefined;
}

/** Merges a page of each shard to the page of all, the highest ids first. The cursor is the same in each shard: the last id of the page. */
export function mergePages<Row>(
  pages: readonly Page<Row>[],
  request: PageRequest | undefined,
  idOf: (row: Row) => bigint,
): { readonly rows: Row[]; readonly nextCursor: string | undefined } {
  const all = pages.flatMap(({ rows }) => rows).toSorted((a, b) => (idOf(a) > idOf(b) ? -1 : 1));
  const { rows, nextCursor } = cutPage(all, pageLimit(request), idOf);
  // A shard with a next page filled its own. When that is all there is, its cursor is that of all.
  return { rows: [...rows], nextCursor: nextCursor ?? pages.find((page) => page.nextCursor !== undefined)?.nextCursor };
}
