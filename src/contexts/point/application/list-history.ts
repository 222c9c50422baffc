import { cutPage, readPage } from '../../../platform/kernel/pages.ts';
import type { ListHistoryRequest, ListHistoryResponse } from '../api.ts';
import { shownTransaction } from './answers.ts';
import type { LedgerReader } from './ports.ts';

/** A user's transactions, newest first. A cursor that is not ours gives an empty page. */
export const listHistory =
  (reader: Pick<LedgerReader, 'history'>) =>
  async ({ userId, page }: ListHistoryRequest): Promise<ListHistoryResponse> => {
    const wanted = readPage(page);
    if (!wanted) return { transactions: [], nextCursor: undefined };
    const { limit, before } = wanted;
    const found = await reader.history({ userId, before, limit: limit + 1 });
    const { rows, nextCursor } = cutPage(found, limit, ({ id }) => id);
    return { transactions: rows.map(shownTransaction), nextCursor };
  };
