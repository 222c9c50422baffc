import { cutPage, readPage } from '../../../../platform/kernel/pages.ts';
import type { ListHistoryRequest, ListHistoryResponse } from '../../api.ts';
import type { LedgerReader } from '../ports.ts';
import { toTransactionView } from '../views.ts';

/** A user's transactions, newest first. Returns an empty page for a cursor that was not issued by this operation. */
export const listHistory =
  (reader: Pick<LedgerReader, 'history'>) =>
  async ({ userId, page }: ListHistoryRequest): Promise<ListHistoryResponse> => {
    const query = readPage(page);
    if (!query) return { transactions: [], nextCursor: undefined };
    const { limit, before } = query;
    const found = await reader.history({ userId, before, limit: limit + 1 });
    const { rows, nextCursor } = cutPage(found, limit, ({ id }) => id);
    return { transactions: rows.map(toTransactionView), nextCursor };
  };
