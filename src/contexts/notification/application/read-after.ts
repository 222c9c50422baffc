import type { ReadAfterRequest, ReadAfterResponse } from '../api.ts';
import { noticeViews } from './notice-view.ts';
import type { InboxNewsReader } from './ports.ts';

const POSITIONS_MAX = 1_000;
const LIMIT_MAX = 1_000;

/** What the streams of users continue with. */
export const readAfter =
  (inboxes: InboxNewsReader) =>
  async ({ positions, limit }: ReadAfterRequest): Promise<ReadAfterResponse> => {
    if (positions.length > POSITIONS_MAX) throw new RangeError(`more than ${POSITIONS_MAX} positions`);
    const news = await inboxes.readNews(positions, Math.min(Math.max(limit, 1), LIMIT_MAX));
    return {
      inboxes: news.map(({ lastNumber, head, notices }, index) => ({
        lastNumber,
        unread: head.unread,
        notices: noticeViews({ head, notices }, positions[index]?.language ?? ''),
      })),
    };
  };
