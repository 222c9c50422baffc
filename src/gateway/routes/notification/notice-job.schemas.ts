import { z } from 'zod';
import {
  ANNOUNCEMENT_CLASSES,
  AUDIENCES,
  BODY_MAX,
  JOB_STATUSES,
  type NoticeJob,
  PATH_MAX,
  TITLE_MAX,
} from '../../../contexts/notification/api.ts';
import { oneOf } from '../../server/one-of.ts';
import {
  BodyId,
  IdText,
  Instant,
  InstantText,
  idOrNull,
  instantOrNull,
  PageFields,
  PathId,
  requiredInstant,
  requiredText,
} from '../../server/schemas.ts';
import { NoticeKind } from './notification.schemas.ts';

export const OneNoticeJob = z.strictObject({ id: PathId });
export const NoticeJobsQuery = z.strictObject(PageFields);

const Audience = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('STORE_FOLLOWERS'), storeId: BodyId }).meta({ id: 'StoreFollowersAudience' }),
    z
      .strictObject({ type: z.literal('POLICY_FOLLOWERS'), couponPolicyId: BodyId })
      .meta({ id: 'PolicyFollowersAudience' }),
    z.strictObject({ type: z.literal('POLICY_HOLDERS'), couponPolicyId: BodyId }).meta({ id: 'PolicyHoldersAudience' }),
    z.strictObject({ type: z.literal('USERS') }).meta({ id: 'UsersAudience' }),
  ])
  .meta({ id: 'NotificationAudience' });
const Text = z
  .strictObject({
    title: requiredText(TITLE_MAX).meta({ description: 'One line' }),
    body: requiredText(BODY_MAX).meta({ description: 'One line of plain text: no line breaks' }),
  })
  .meta({ id: 'NotificationText' });
const announcement = {
  class: z.enum(ANNOUNCEMENT_CLASSES).meta({ description: 'MARKETING needs the consent of users outside the inbox' }),
  ko: Text,
  en: Text,
  path: z
    .string()
    .max(PATH_MAX)
    .default('/')
    .meta({ description: 'Where the reader can see more: a path such as /stores/42' }),
};

export const NoticeJobBody = z.strictObject({
  audience: Audience,
  ...announcement,
  startsAt: Instant.optional().meta({
    description: 'Absent or in the past = at once. For an OWNER at most 30 days from now',
  }),
});
export const PreviewBody = z.strictObject({ audience: Audience, ...announcement });
export const TestBody = z.strictObject({ audience: Audience.optional(), ...announcement });

const TEXTS_EXAMPLE = {
  class: 'MARKETING',
  ko: { title: '주말 행사', body: '토요일부터 모든 음료가 10% 할인됩니다.' },
  en: { title: 'Weekend', body: 'All drinks are 10% off from Saturday on.' },
  path: '/stores/7330011234567000',
} as const;
export const TEST_EXAMPLE: z.input<typeof TestBody> = TEXTS_EXAMPLE;
export const PREVIEW_EXAMPLE: z.input<typeof PreviewBody> = {
  audience: { type: 'STORE_FOLLOWERS', storeId: '7330011234567000' },
  ...TEXTS_EXAMPLE,
};

export const NoticeJobView = z
  .strictObject({
    jobId: IdText,
    audience: z
      .strictObject({
        type: z.enum(AUDIENCES),
        id: IdText.nullable().meta({ description: 'The store or policy; null for a list of users' }),
      })
      .meta({ id: 'NotificationJobAudience' }),
    kind: NoticeKind,
    subject: z.string(),
    status: z.enum(JOB_STATUSES).meta({
      description: 'OPEN: waits for its list of users. QUEUED: waits for `startsAt`, or for its policy to resume',
    }),
    total: z.int().meta({ description: 'Users; an estimate until the end' }),
    done: z.int().meta({ description: 'Users who were reached, of `total`' }),
    written: z.int().meta({ description: 'Notices: who has it already, or has deleted the account, gets none' }),
    unknown: z.int().meta({
      description:
        'Users of an uploaded list, of `done`, who have no account here: those of a shop with users of its own, or mistakes',
    }),
    error: z
      .string()
      .nullable()
      .meta({ description: 'FAILED, or CANCELLED because the policy or the store did not open: the reason' }),
    startsAt: InstantText,
    createdAt: InstantText,
    startedAt: InstantText.nullable(),
    finishedAt: InstantText.nullable(),
  })
  .meta({ id: 'NotificationJob' });

export const NOTICE_JOB_EXAMPLE: z.input<typeof NoticeJobView> = {
  jobId: '7330011234567895',
  audience: { type: 'STORE_FOLLOWERS', id: '7330011234567000' },
  kind: 'ANNOUNCEMENT',
  subject: '7330011234567895',
  status: 'RUNNING',
  total: 1_000_000,
  done: 250_000,
  written: 249_990,
  unknown: 0,
  error: null,
  startsAt: '2035-01-01T01:00:00.000Z',
  createdAt: '2035-01-01T01:00:00.000Z',
  startedAt: '2035-01-01T01:00:00.050Z',
  finishedAt: null,
};

const TextView = z.strictObject({ title: z.string(), body: z.string() }).meta({ id: 'PreviewedText' });
export const PreviewView = z
  .strictObject({
    ko: TextView,
    en: TextView,
    path: z.string(),
    size: z.int().meta({ description: 'Users of the audience now; 0 for a list, which is uploaded later' }),
  })
  .meta({ id: 'NotificationPreview' });
export const PREVIEW_VIEW_EXAMPLE: z.input<typeof PreviewView> = {
  ko: TEXTS_EXAMPLE.ko,
  en: TEXTS_EXAMPLE.en,
  path: TEXTS_EXAMPLE.path,
  size: 1_000_000,
};

export const noticeJobJson = (job: NoticeJob): z.input<typeof NoticeJobView> => ({
  jobId: String(job.id),
  audience: { type: oneOf(AUDIENCES, job.audience?.type ?? ''), id: idOrNull(job.audience?.id) },
  kind: oneOf(NoticeKind.options, job.kind),
  subject: job.subject,
  status: oneOf(JOB_STATUSES, job.status),
  total: job.total,
  done: job.done,
  written: job.written,
  unknown: job.unknown,
  error: job.error ?? null,
  startsAt: requiredInstant(job.startsAt),
  createdAt: requiredInstant(job.createdAt),
  startedAt: instantOrNull(job.startedAt),
  finishedAt: instantOrNull(job.finishedAt),
});

type Wanted = z.output<typeof Audience>;

export function audienceOf(audience: Wanted): { readonly type: string; readonly id: bigint | undefined } {
  const { type } = audience;
  if (audience.type === 'USERS') return { type, id: undefined };
  return { type, id: audience.type === 'STORE_FOLLOWERS' ? audience.storeId : audience.couponPolicyId };
}
