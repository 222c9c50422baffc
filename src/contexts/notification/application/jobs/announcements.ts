import type { Clock } from '../../../../platform/kernel/clock.ts';
import { executeOnce, type Responding } from '../../../../platform/kernel/command-key.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { isOperator } from '../../../../platform/kernel/operator.ts';
import { isRefusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import {
  type AddNoticeJobUsersRequest,
  type CancelNoticeJobRequest,
  type CreateNoticeJobRequest,
  type NoticeJobResponse,
  type PreviewNoticeJobRequest,
  type PreviewNoticeJobResponse,
  type SendTestNoticeRequest,
  type SubmitNoticeJobRequest,
  stored,
  type TestNoticeResponse,
} from '../../api.ts';
import { noticeDay } from '../../domain/notice.ts';
import {
  announcementStart,
  isTooFarAhead,
  type NoticeJob,
  newJob,
  OWNER_DAYS_AHEAD,
  ownerOnceKey,
} from '../../domain/notice-job.ts';
import { textOf } from '../../domain/texts.ts';
import { refuse } from '../../refusals.ts';
import type { InboxSignal } from '../ports.ts';
import type { Audiences } from './audiences.ts';
import { type CheckDeps, checkAnnouncement } from './check-announcement.ts';
import { toJobView } from './job-view.ts';
import type { JobStore, Submitted, TestNotices } from './ports.ts';
import { findVisibleJob } from './visible-job.ts';

export interface AnnouncementDeps {
  readonly store: JobStore;
  readonly tests: TestNotices;
  readonly audiences: Pick<Audiences, 'size' | 'missing'>;
  readonly stores: CheckDeps['stores'];
  readonly signal: Pick<InboxSignal, 'notify'>;
  readonly clock: Clock;
  readonly nextId: IdSource;
  /** Called after a job was stored as QUEUED. */
  readonly wake: () => void;
}

/** Users of one list: 20 MB of ids. */
export const LIST_MAX = 1_000_000;
const PART_MAX = 10_000;
const TOO_FAR_AHEAD = `must be at most ${OWNER_DAYS_AHEAD} days from now`;

/** The operations of administrators, and of owners of stores, on announcements. */
export function announcements({ store, tests, audiences, stores, signal, clock, nextId, wake }: AnnouncementDeps) {
  return {
    async createNoticeJob(request: CreateNoticeJobRequest): Promise<NoticeJobResponse> {
      const checked = await checkAnnouncement({ audiences, stores }, request);
      if (isRefusal(checked)) return toRefusalResponse(checked);
      const { audience, data, principal, ownStoreId } = checked;
      const nowMs = clock();
      const startsAt = announcementStart(request.startsAt, nowMs);
      if (ownStoreId !== undefined && isTooFarAhead(startsAt, nowMs))
        return toRefusalResponse(refuse('VALIDATION_FAILED', { startsAt: TOO_FAR_AHEAD }));
      const [id, size] = [nextId(), await audiences.size(audience)];
      const day = noticeDay(startsAt.getTime());
      const job = newJob(
        {
          id,
          audience,
          notice: { kind: 'ANNOUNCEMENT', subject: String(id), day, data },
          // A list is uploaded after this.
          status: audience.type === 'USERS' ? 'OPEN' : 'QUEUED',
          onceKey: ownStoreId === undefined ? null : ownerOnceKey(ownStoreId, day),
          startsAt,
          createdBy: principal.userId,
        },
        size,
        nowMs,
      );
      const response = await executeOnce<NoticeJob | undefined, NoticeJobResponse>(
        request.commandKey,
        creating(ownStoreId, day),
        (idempotency) => store.insert(job, idempotency),
      );
      wake();
      return response;
    },

    async addNoticeJobUsers({ principal, jobId, userIds }: AddNoticeJobUsersRequest): Promise<NoticeJobResponse> {
      if (!isOperator(principal?.role)) return toRefusalResponse(refuse('FORBIDDEN'));
      if (!(await store.find(jobId))) return toRefusalResponse(refuse('NOTICE_JOB_NOT_FOUND'));
      if (userIds.length < 1 || userIds.length > PART_MAX || userIds.some((id) => id <= 0n))
        return toRefusalResponse(refuse('VALIDATION_FAILED', { userIds: `must be 1 to ${PART_MAX} ids of users` }));
      const added = await store.addUsers(jobId, userIds, LIST_MAX);
      if (added === 'not open') return toRefusalResponse(refuse('NOTICE_JOB_LIST_CLOSED'));
      if (added === 'too long')
        return toRefusalResponse(refuse('VALIDATION_FAILED', { userIds: `a list has at most ${LIST_MAX} users` }));
      return RESPONDING.respond(added);
    },

    async submitNoticeJob({ principal, jobId, commandKey }: SubmitNoticeJobRequest): Promise<NoticeJobResponse> {
      if (!isOperator(principal?.role)) return toRefusalResponse(refuse('FORBIDDEN'));
      const response = await executeOnce(commandKey, SUBMITTING, (idempotency) => store.submit(jobId, idempotency));
      wake();
      return response;
    },

    async cancelNoticeJob({ principal, jobId, commandKey }: CancelNoticeJobRequest): Promise<NoticeJobResponse> {
      const found = await findVisibleJob(store, principal, jobId);
      if (isRefusal(found)) return toRefusalResponse(found);
      return await executeOnce(commandKey, CANCELLING, (idempotency) =>
        store.cancel(jobId, new Date(clock()), idempotency),
      );
    },

    async previewNoticeJob(request: PreviewNoticeJobRequest): Promise<PreviewNoticeJobResponse> {
      const checked = await checkAnnouncement({ audiences, stores }, request);
      if (isRefusal(checked)) return toRefusalResponse(checked);
      const [ko, en] = (['ko', 'en'] as const).map((language) => textOf('ANNOUNCEMENT', language, checked.data));
      const size = await audiences.size(checked.audience);
      return { outcome: { $case: 'preview', value: { ko, en, path: en?.path ?? '', size } } };
    },

    async sendTestNotice(request: SendTestNoticeRequest): Promise<TestNoticeResponse> {
      const { audience = { type: 'USERS', id: undefined }, commandKey } = request;
      const checked = await checkAnnouncement({ audiences, stores }, { ...request, audience });
      if (isRefusal(checked)) return toRefusalResponse(checked);
      const subject = `test-${nextId()}`;
      const notice = { kind: 'ANNOUNCEMENT', subject, day: noticeDay(clock()), data: checked.data } as const;
      const { userId } = checked.principal;
      const response = await executeOnce(commandKey, TESTING, (idempotency) =>
        tests.write({ ...notice, userId }, idempotency),
      );
      signal.notify([userId]);
      return response;
    },
  };
}

export const RESPONDING: Responding<NoticeJob | undefined, NoticeJobResponse> = {
  type: stored.NoticeJobResponse,
  refused: toRefusalResponse,
  respond: (job) =>
    job === undefined
      ? toRefusalResponse(refuse('NOTICE_JOB_NOT_FOUND'))
      : { outcome: { $case: 'job', value: toJobView(job) } },
};

/** There is a job already: its owner announces to a store once a day. */
const creating = (storeId: bigint | undefined, day: string): Responding<NoticeJob | undefined, NoticeJobResponse> => ({
  ...RESPONDING,
  respond: (job) =>
    job === undefined && storeId !== undefined
      ? toRefusalResponse(refuse('ANNOUNCEMENT_LIMIT_EXCEEDED', { storeId: String(storeId), day }))
      : RESPONDING.respond(job),
});

const SUBMITTING: Responding<Submitted, NoticeJobResponse> = {
  ...RESPONDING,
  respond(submitted) {
    if (submitted === 'not open') return toRefusalResponse(refuse('NOTICE_JOB_LIST_CLOSED'));
    if (submitted !== 'no users') return RESPONDING.respond(submitted);
    return toRefusalResponse(refuse('VALIDATION_FAILED', { userIds: 'the list has no users' }));
  },
};

const CANCELLING: Responding<NoticeJob | undefined, NoticeJobResponse> = {
  ...RESPONDING,
  respond: (job) =>
    job?.status === 'DONE' || job?.status === 'FAILED'
      ? toRefusalResponse(refuse('NOTICE_JOB_ENDED'))
      : RESPONDING.respond(job),
};

const TESTING: Responding<string, TestNoticeResponse> = {
  type: stored.TestNoticeResponse,
  refused: toRefusalResponse,
  respond: (subject) => ({ outcome: { $case: 'notice', value: { subject } } }),
};
