import { z } from 'zod';
import type { NotificationService } from '../../../contexts/notification/api.ts';
import { subjectOf } from '../../auth/principal.ts';
import { languageOf } from '../../server/language.ts';
import { type Route, route } from '../../server/route.ts';
import { pageJson, pageOf, pageView } from '../../server/schemas.ts';
import { NOTICE_EXAMPLE, NoticesQuery, NoticeView, noticeJson } from './notification.schemas.ts';

/** The inbox of the caller: nobody reads that of another user. */
export const notificationsRoutes = ({
  notification,
}: {
  readonly notification: Pick<NotificationService, 'listNotices'>;
}): readonly Route[] => [
  route({
    id: 'Notifications_list',
    tag: 'notifications',
    method: 'GET',
    paths: ['/api/v1/notifications'],
    summary: 'List own notices, newest first',
    description:
      'What the caller was told, in the language of the settings, else of `Accept-Language`. Notices are deleted after 90 days.',
    access: 'ANY_TOKEN',
    scope: 'users:read',
    status: 200,
    response: {
      schema: pageView('notifications', NoticeView).extend({ unreadCount: z.int().min(0) }),
      example: { notifications: [NOTICE_EXAMPLE], nextCursor: null, hasMore: false, unreadCount: 1 },
    },
    query: NoticesQuery,
    async handle({ principal, query, request }) {
      const { notices, nextCursor, unread } = await notification.listNotices({
        userId: subjectOf(principal, undefined),
        page: pageOf(query),
        unreadOnly: query.unread !== undefined,
        language: languageOf(request.headers['accept-language']),
      });
      return { notifications: notices.map(noticeJson), ...pageJson(nextCursor), unreadCount: unread };
    },
  }),
];
