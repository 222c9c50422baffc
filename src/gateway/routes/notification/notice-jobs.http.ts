import type { z } from 'zod';
import type { NotificationService } from '../../../contexts/notification/api.ts';
import { parseId } from '../../../platform/kernel/id-text.ts';
import { type FileUsersDeps, withUserIds } from '../../auth/file-users.ts';
import { toProto } from '../../auth/principal.ts';
import { ProblemError, valueFrom } from '../../problems/problem.ts';
import { type Route, route } from '../../server/route.ts';
import { pageJson, pageOf, pageView } from '../../server/schemas.ts';
import { readUpload } from '../../uploads/upload.ts';
import {
  audienceOf,
  NOTICE_JOB_EXAMPLE,
  NoticeJobBody,
  NoticeJobsQuery,
  NoticeJobView,
  noticeJobJson,
  OneNoticeJob,
  PREVIEW_EXAMPLE,
  PREVIEW_VIEW_EXAMPLE,
  PreviewBody,
  PreviewView,
  TEST_EXAMPLE,
  TestBody,
} from './notice-job.schemas.ts';

const JOB = { schema: NoticeJobView, example: NOTICE_JOB_EXAMPLE };
const BASE = '/api/v1/notification-jobs';
const COLUMNS = { value: ['userid', 'user', '회원번호'] };

/**
 * Announcements to many users, and the jobs that events begin. No scope of machines names them, so they need `admin`. Owners of stores announce to
 * followers.
 */
export function noticeJobsRoutes({
  notification,
  externalUsers,
}: FileUsersDeps & { readonly notification: NotificationService }): readonly Route[] {
  const shared = { tag: 'notifications', access: ['ADMIN', 'OWNER'], scope: 'admin' } as const;
  const textsOf = ({ class: noticeClass, ko, en, path }: Omit<z.output<typeof TestBody>, 'audience'>) => ({
    noticeClass,
    ko,
    en,
    path,
  });

  return [
    route({
      ...shared,
      id: 'createNotificationJob',
      method: 'POST',
      paths: [BASE],
      summary: 'Create an announcement to many users, as a job',
      description:
        'Each user of the audience gets one notice. For USERS the job is OPEN until its list is uploaded to `/notification-jobs/{id}/users.csv`. ' +
        'An OWNER announces to the followers of their own OPEN store, of class MARKETING, once for each store and day on which it starts, at most 30 days ahead; ' +
        'titles begin with the name of the store. Cancelled before it has begun, it does not count.',
      refusals: ['STORE_NOT_FOUND', 'STORE_NOT_OPEN', 'POLICY_NOT_FOUND', 'ANNOUNCEMENT_LIMIT_EXCEEDED'],
      status: 202,
      response: { ...JOB, example: { ...NOTICE_JOB_EXAMPLE, status: 'QUEUED', done: 0, written: 0, startedAt: null } },
      bodyExample: PREVIEW_EXAMPLE,
      idempotent: true,
      body: NoticeJobBody,
      async handle({ principal, call, body: { audience, startsAt, ...texts } }) {
        const message = { principal: toProto(principal), audience: audienceOf(audience), announcement: textsOf(texts) };
        const commandKey = call.takeCommandKey();
        return noticeJobJson(call.valueFrom(await notification.createNoticeJob({ ...message, startsAt, commandKey })));
      },
    }),
    route({
      ...shared,
      access: ['ADMIN'],
      id: 'uploadNotificationJobUsers',
      method: 'POST',
      paths: [`${BASE}/:id/users.csv`],
      summary: 'Upload the list of users of an announcement, which then runs',
      description:
        'The column userId (or 회원번호) holds user ids, or external ids. A user who comes twice gets one notice. At most 1,000,000 users. A file that is refused, as one without users is, may be followed by another; ' +
        'users of it that were read stay in the list.',
      status: 202,
      response: JOB,
      refusals: ['NOTICE_JOB_NOT_FOUND', 'NOTICE_JOB_LIST_CLOSED'],
      idempotent: true,
      upload: 'userId\r\n42\r\n43\r\n',
      params: OneNoticeJob,
      async handle({ principal: caller, call, params: { id: jobId }, request }) {
        const principal = toProto(caller);
        let row = 0;
        let takesUsers = true;
        const digest = await readUpload(request, COLUMNS, async (_, lines) => {
          const userIds = (await withUserIds(externalUsers, caller, lines)).map((line) => userIdInRow(line, ++row));
          if (!takesUsers) return;
          const { outcome } = await notification.addNoticeJobUsers({ principal, jobId, userIds });
          // Perhaps an earlier upload with the same key closed it: that shows at the end of the file.
          takesUsers = !(outcome?.$case === 'refusal' && outcome.value.code === 'NOTICE_JOB_LIST_CLOSED');
          if (takesUsers) valueFrom(outcome);
        });
        if (row === 0) throw noUsers();
        const commandKey = call.takeCommandKey(digest);
        return noticeJobJson(call.valueFrom(await notification.submitNoticeJob({ principal, jobId, commandKey })));
      },
    }),
    route({
      ...shared,
      id: 'previewNotificationJob',
      method: 'POST',
      paths: [`${BASE}/preview`],
      summary: 'Preview an announcement and count its users',
      description: 'Changes nothing. An OWNER sees it for their own OPEN store.',
      refusals: ['STORE_NOT_FOUND', 'STORE_NOT_OPEN', 'POLICY_NOT_FOUND'],
      status: 200,
      response: { schema: PreviewView, example: PREVIEW_VIEW_EXAMPLE },
      bodyExample: PREVIEW_EXAMPLE,
      body: PreviewBody,
      async handle({ principal, body: { audience, ...texts } }): Promise<z.input<typeof PreviewView>> {
        const message = { principal: toProto(principal), audience: audienceOf(audience), announcement: textsOf(texts) };
        const { ko, en, path, size } = valueFrom((await notification.previewNoticeJob(message)).outcome);
        return { ko: textView(ko), en: textView(en), path, size };
      },
    }),
    route({
      ...shared,
      id: 'sendTestNotification',
      method: 'POST',
      paths: [`${BASE}/test`],
      summary: 'Send a test of an announcement to yourself',
      description:
        'It is in your inbox at once. Outside the inbox it leaves as it would for a customer: of class MARKETING only with your own consent to ' +
        'marketing, and by mail with the digest, some ten minutes later. An OWNER states the audience, their own OPEN store.',
      refusals: ['STORE_NOT_FOUND', 'STORE_NOT_OPEN', 'POLICY_NOT_FOUND'],
      status: 204,
      bodyExample: TEST_EXAMPLE,
      idempotent: true,
      body: TestBody,
      async handle({ principal, call, body: { audience: stated, ...texts } }): Promise<void> {
        const audience = stated && audienceOf(stated);
        const commandKey = call.takeCommandKey();
        const message = { principal: toProto(principal), audience, announcement: textsOf(texts), commandKey };
        call.valueFrom(await notification.sendTestNotice(message));
      },
    }),
    route({
      ...shared,
      id: 'listNotificationJobs',
      method: 'GET',
      paths: [BASE],
      summary: 'List jobs of notices, newest first',
      description: 'Also those that events and tasks began. An OWNER gets their own announcements.',
      status: 200,
      response: {
        schema: pageView('jobs', NoticeJobView).meta({ id: 'NotificationJobList' }),
        example: { jobs: [NOTICE_JOB_EXAMPLE], nextCursor: null, hasMore: false },
      },
      query: NoticeJobsQuery,
      async handle({ principal, query }) {
        const message = { principal: toProto(principal), page: pageOf(query) };
        const { jobs, nextCursor } = valueFrom((await notification.listNoticeJobs(message)).outcome);
        return { jobs: jobs.map(noticeJobJson), ...pageJson(nextCursor) };
      },
    }),
    route({
      ...shared,
      id: 'cancelNotificationJob',
      method: 'DELETE',
      paths: [`${BASE}/:id`],
      summary: 'Cancel a job of notices that has not ended',
      description: 'Notices that are written stay, and the others are not written. A repeat changes nothing.',
      status: 200,
      response: {
        ...JOB,
        example: NOTICE_JOB_EXAMPLE,
      },
      refusals: ['NOTICE_JOB_NOT_FOUND', 'NOTICE_JOB_ENDED'],
      idempotent: true,
      params: OneNoticeJob,
      async handle({ principal, call, params: { id: jobId } }) {
        const commandKey = call.takeCommandKey();
        return noticeJobJson(
          call.valueFrom(await notification.cancelNoticeJob({ principal: toProto(principal), jobId, commandKey })),
        );
      },
    }),
    route({
      ...shared,
      id: 'getNotificationJob',
      method: 'GET',
      paths: [`${BASE}/:id`],
      summary: 'Read the progress of a job of notices',
      status: 200,
      response: JOB,
      refusals: ['NOTICE_JOB_NOT_FOUND'],
      params: OneNoticeJob,
      async handle({ principal, params: { id: jobId } }) {
        const { outcome } = await notification.getNoticeJob({ principal: toProto(principal), jobId });
        return noticeJobJson(valueFrom(outcome));
      },
    }),
  ];
}

const textView = (text: { readonly title: string; readonly body: string } | undefined) => ({
  title: text?.title ?? '',
  body: text?.body ?? '',
});

const noUsers = (): ProblemError =>
  new ProblemError('VALIDATION_FAILED', {
    errors: [{ field: 'userId', code: 'INVALID', message: 'the file has no users' }],
  });

function userIdInRow(line: string, row: number): bigint {
  const userId = parseId(line);
  if (userId !== undefined && userId > 0n) return userId;
  throw new ProblemError('VALIDATION_FAILED', {
    errors: [
      {
        field: `row ${row}`,
        code: 'INVALID',
        message: 'must be the id of a user, or the external id of one whose issuer is listed here',
      },
    ],
  });
}
