import type { NotificationService } from '../../../contexts/notification/api.ts';
import { type Principal, subjectOf } from '../../auth/principal.ts';
import { valueFrom } from '../../problems/problem.ts';
import { languageOf } from '../../server/language.ts';
import { type Route, route } from '../../server/route.ts';
import { EmptyBody, pageJson, pageOf, pageView } from '../../server/schemas.ts';
import {
  NOTICE_EXAMPLE,
  NoticesQuery,
  NoticeView,
  noticeJson,
  OneNotice,
  SETTINGS_EXAMPLE,
  SettingsBody,
  SettingsView,
  settingsJson,
  UnreadView,
} from './notification.schemas.ts';

const UNREAD = { schema: UnreadView, example: { unreadCount: 0 } };
const SETTINGS = { schema: SettingsView, example: SETTINGS_EXAMPLE };

/** Whose inbox it is: the caller's. Nobody reads or changes that of another user, and a machine that of X-User-Id. */
const ownerOf = (principal: Principal): bigint => subjectOf(principal, undefined);

export const notificationsRoutes = ({
  notification,
}: {
  readonly notification: NotificationService;
}): readonly Route[] => [
  route({
    id: 'listNotifications',
    tag: 'notifications',
    method: 'GET',
    paths: ['/api/v1/notifications'],
    summary: 'List your notices, newest first',
    description:
      'The inbox of the caller, in the language of the settings, else of `Accept-Language`. Notices are deleted after 90 days.',
    access: 'ANY_TOKEN',
    scope: 'users:read',
    status: 200,
    response: {
      schema: pageView('notifications', NoticeView).extend(UnreadView.shape).meta({ id: 'NotificationList' }),
      example: { notifications: [NOTICE_EXAMPLE], nextCursor: null, hasMore: false, unreadCount: 1 },
    },
    query: NoticesQuery,
    async handle({ principal, query, request }) {
      const { notices, nextCursor, unread } = await notification.listNotices({
        userId: ownerOf(principal),
        page: pageOf(query),
        unreadOnly: query.unread !== undefined,
        language: languageOf(request.headers['accept-language']),
      });
      return { notifications: notices.map(noticeJson), ...pageJson(nextCursor), unreadCount: unread };
    },
  }),
  route({
    id: 'markNotificationRead',
    tag: 'notifications',
    method: 'POST',
    paths: ['/api/v1/notifications/:id/read'],
    summary: 'Mark a notice as read',
    description: 'A repeat changes nothing.',
    access: 'ANY_TOKEN',
    scope: 'users:write',
    status: 200,
    idempotent: true,
    bodyExample: {},
    response: UNREAD,
    refusals: ['NOTIFICATION_NOT_FOUND'],
    params: OneNotice,
    body: EmptyBody,
    async handle({ principal, call, params: { id: noticeId } }) {
      const commandKey = call.takeCommandKey();
      const response = await notification.markRead({ userId: ownerOf(principal), noticeId, commandKey });
      return { unreadCount: call.valueFrom(response).unread };
    },
  }),
  route({
    id: 'markAllNotificationsRead',
    tag: 'notifications',
    method: 'POST',
    paths: ['/api/v1/notifications/read-all'],
    summary: 'Mark all your notices as read',
    access: 'ANY_TOKEN',
    scope: 'users:write',
    status: 200,
    idempotent: true,
    bodyExample: {},
    response: UNREAD,
    refusals: ['NOTIFICATION_NOT_FOUND'],
    body: EmptyBody,
    async handle({ principal, call }) {
      const commandKey = call.takeCommandKey();
      const response = await notification.markAllRead({ userId: ownerOf(principal), commandKey });
      return { unreadCount: call.valueFrom(response).unread };
    },
  }),
  route({
    id: 'deleteNotification',
    tag: 'notifications',
    method: 'DELETE',
    paths: ['/api/v1/notifications/:id'],
    summary: 'Delete a notice',
    description: 'For good. A repeat without the same Idempotency-Key gets 404.',
    access: 'ANY_TOKEN',
    scope: 'users:write',
    status: 204,
    idempotent: true,
    refusals: ['NOTIFICATION_NOT_FOUND'],
    params: OneNotice,
    async handle({ principal, call, params: { id: noticeId } }): Promise<void> {
      const commandKey = call.takeCommandKey();
      call.valueFrom(await notification.deleteNotice({ userId: ownerOf(principal), noticeId, commandKey }));
    },
  }),
  route({
    id: 'getNotificationPreferences',
    tag: 'notifications',
    method: 'GET',
    paths: ['/api/v1/notifications/preferences'],
    summary: 'Read your notification preferences',
    description: 'The consent to advertising, `marketingConsent`, is in the profile: `GET` and `PATCH /auth/profile`.',
    access: 'ANY_TOKEN',
    scope: 'users:read',
    status: 200,
    response: SETTINGS,
    async handle({ principal }) {
      return settingsJson(valueFrom((await notification.getSettings({ userId: ownerOf(principal) })).outcome));
    },
  }),
  route({
    id: 'replaceNotificationPreferences',
    tag: 'notifications',
    method: 'PUT',
    paths: ['/api/v1/notifications/preferences'],
    summary: 'Replace your notification preferences',
    description:
      'Replaces all of it: what is left out has its default. Consent to advertising is given in the profile.',
    access: 'ANY_TOKEN',
    scope: 'users:write',
    status: 200,
    idempotent: true,
    response: SETTINGS,
    bodyExample: SETTINGS_EXAMPLE,
    body: SettingsBody,
    async handle({ principal, call, body }) {
      const { language, timezone, quietHours } = body;
      const settings = {
        ...body,
        language: language ?? undefined,
        timezone: timezone ?? undefined,
        quietHours: quietHours ?? undefined,
      };
      const commandKey = call.takeCommandKey();
      const response = await notification.updateSettings({ userId: ownerOf(principal), settings, commandKey });
      return settingsJson(call.valueFrom(response));
    },
  }),
];
