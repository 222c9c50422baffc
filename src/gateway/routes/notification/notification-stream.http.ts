import { z } from 'zod';
import type { LastingAccess } from '../../auth/lasting-access.ts';
import { subjectOf } from '../../auth/principal.ts';
import { ProblemError } from '../../problems/problem.ts';
import { languageOf } from '../../server/language.ts';
import { type Route, route } from '../../server/route.ts';
import type { NoticeStreams } from '../../streams/notice-streams.ts';
import type { OpenStreams } from '../../streams/open-streams.ts';
import type { StreamPlaces } from '../../streams/stream-places.ts';
import { NOTICE_EXAMPLE } from './notification.schemas.ts';

const SCOPE = 'users:read';
const NUMBER = /^\d{1,18}$/;
const EXAMPLE =
  'id: 41\nevent: unread\ndata: {"unreadCount":0}\n\n' +
  `event: notice\nid: 42\ndata: ${JSON.stringify(NOTICE_EXAMPLE)}\n\nevent: unread\ndata: {"unreadCount":1}\n\n`;

export const notificationStreamRoutes = ({
  openStreams,
  noticeStreams,
  streamPlaces,
  mayStill,
}: {
  readonly openStreams: OpenStreams;
  readonly noticeStreams: NoticeStreams;
  readonly streamPlaces: StreamPlaces;
  readonly mayStill: LastingAccess;
}): readonly Route[] => [
  route({
    id: 'streamNotifications',
    tag: 'notifications',
    method: 'GET',
    paths: ['/api/v1/notifications/stream'],
    summary: 'Stream your notices',
    description:
      'Server-sent events: `notice`, as in the list, and `unread` with the count of unread notices, at once and after each change. With the ' +
      '`Last-Event-ID` of an earlier stream it continues where that ended: each notice arrives once and in order, from whichever node. Without it the ' +
      'notices that are written from now on arrive. The stream ends when the access token expires or its session ends: connect again with a new token and the ' +
      "last id. A browser's own EventSource sends no `Authorization`: use one that is built on `fetch`.",
    access: 'ANY_TOKEN',
    scope: SCOPE,
    status: 200,
    response: { schema: z.string(), example: EXAMPLE, type: 'text/event-stream' },
    headers: [
      {
        name: 'Last-Event-ID',
        isOptional: true,
        description: 'The id of the last event of an earlier stream. Empty is as if it were left out',
        example: '42',
      },
    ],
    sendsResponse: true,
    async handle({ principal, request, reply }): Promise<void> {
      const userId = subjectOf(principal, undefined);
      const after = lastEventId(request.headers['last-event-id']);
      streamPlaces.take(principal, request, reply);
      openStreams.requireRoom();
      const mayRead = mayStill(principal, request, SCOPE);
      const language = languageOf(request.headers['accept-language']);
      noticeStreams.watch({ userId, language, after, mayRead }, reply);
    },
  }),
];

/** An empty one is that of a client that got no event with an id. Refused: VALIDATION_FAILED. */
function lastEventId(header: string | string[] | undefined): bigint | undefined {
  if (header === undefined || header === '') return undefined;
  if (typeof header === 'string' && NUMBER.test(header)) return BigInt(header);
  throw new ProblemError('VALIDATION_FAILED', {
    errors: [{ field: 'Last-Event-ID', code: 'INVALID_FORMAT', message: 'is not the id of an event of this stream' }],
  });
}
