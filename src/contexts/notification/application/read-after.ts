import type { ReadAfterRequest, ReadAfterResponse } from '../api.ts';
import { noticeViews } from './notice-view.ts';
import type { InboxReader } from './ports.ts';

const LIMIT_MAX = 1_000;

/** What a stream of a user continues with. */
export const readAfter =
  (inboxes: InboxReader) =>
  async ({ userId, number, limit, language }: ReadAfterRequest): Promise<ReadAfterResponse> => ({
    notices: noticeViews(await inboxes.after(userId, number, Math.min(Math.max(limit, 1), LIMIT_MAX)), language),
  });
