import { cutPage, readPage } from '../../../platform/kernel/pages.ts';
import type { ListAuditLogRequest, ListAuditLogResponse } from '../api.ts';
import type { AuditStore } from './ports.ts';

/** The lines of the audit log, newest first. A cursor that was not issued by this operation returns no lines. */
export const listAuditLog =
  (store: Pick<AuditStore, 'lines'>) =>
  async ({ page: asked, actor, subject, from, to }: ListAuditLogRequest): Promise<ListAuditLogResponse> => {
    const page = readPage(asked);
    if (page === undefined) return { lines: [], nextCursor: undefined };
    // One more than requested shows whether there is a next page, without counting.
    const found = await store.lines({ limit: page.limit + 1, before: page.before, actor, subject, from, to });
    const { rows, nextCursor } = cutPage(found, page.limit, ({ id }) => id);
    return { lines: rows.map((line) => ({ ...line, subject: line.subject ?? undefined })), nextCursor };
  };
