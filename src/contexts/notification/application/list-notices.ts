import { cutPage, readPage } from '../../../platform/kernel/pages.ts';
import type { ListNoticesRequest, ListNoticesResponse } from '../api.ts';
import { noticeViews } from './notice-view.ts';
import type { InboxReader } from './ports.ts';

/** The inbox of a user, newest first. A cursor that was not issued by this operation returns no notices. */
export const listNotices =
  (inboxes: InboxReader) =>
  async ({ userId, page: asked, unreadOnly, language }: ListNoticesRequest): Promise<ListNoticesResponse> => {
    const page = readPage(asked);
    if (page === undefined) {
      const { unread } = await inboxes.headOf(userId);
      return { notices: [], nextCursor: undefined, unread };
    }
    const found = await inboxes.list(userId, { ...page, limit: page.limit + 1, unreadOnly });
    const { rows, nextCursor } = cutPage(found.notices, page.limit, ({ number }) => number);
    return { notices: noticeViews({ ...found, notices: rows }, language), nextCursor, unread: found.head.unread };
  };
