import type { Kind } from './kinds.ts';
import type { NewNotice } from './notice.ts';

/** Notices that a policy has opened, and that it opens soon. Their subject is the policy. */
export const OPENING_KINDS: readonly Kind[] = ['POLICY_OPENING', 'POLICY_OPENED', 'STORE_COUPON_OPENED'];

/** For whom a job can be. USERS: a list that an administrator uploads. */
export const AUDIENCES = ['STORE_FOLLOWERS', 'POLICY_FOLLOWERS', 'POLICY_HOLDERS', 'USERS'] as const;
export type AudienceType = (typeof AUDIENCES)[number];

export type Audience =
  | { readonly type: Exclude<AudienceType, 'USERS'>; readonly id: bigint }
  | { readonly type: 'USERS'; readonly id: null };

/** OPEN accepts users, QUEUED waits for its time and a runner, RUNNING has one; the others are final. */
export const JOB_STATUSES = ['OPEN', 'QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** A notice for each user of an audience. */
export interface NoticeJob {
  readonly id: bigint;
  readonly audience: Audience;
  readonly notice: Omit<NewNotice, 'userId'>;
  readonly status: JobStatus;
  /** What began it, or the day of an announcement of an owner: there is one job for each. Null: an administrator. */
  readonly onceKey: string | null;
  readonly startsAt: Date;
  /** How far the audience is read: a user id, or for holders a sequence number. */
  readonly position: bigint;
  /** Users, an estimate until the end. Above `done` until then. */
  readonly total: number;
  /** Users who were reached, of `total`. */
  readonly done: number;
  /** Notices: who has one already, or has deleted the account, gets none. */
  readonly written: number;
  /** Of the users of a list that were reached: those who have no account here. */
  readonly unknown: number;
  readonly error: string | null;
  readonly createdBy: bigint | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** A job that has done nothing. `size`: the estimate of its users. */
export const newJob = (
  stated: Pick<NoticeJob, 'id' | 'audience' | 'notice' | 'status' | 'onceKey' | 'startsAt' | 'createdBy'>,
  size: number,
  nowMs: number,
): NoticeJob => ({
  ...stated,
  position: 0n,
  // A job whose audience looks empty reads it, too. A list grows until it is submitted.
  total: stated.status === 'OPEN' ? 0 : Math.max(size, 1),
  done: 0,
  written: 0,
  unknown: 0,
  error: null,
  createdAt: new Date(nowMs),
  startedAt: null,
  finishedAt: null,
});

/** An owner announces to the followers of a store once a day. */
export const ownerOnceKey = (storeId: bigint, day: string): string => `announcement ${storeId} ${day}`;

/**
 * How far ahead an owner can announce. With one announcement a day, it also bounds how many of a store can wait.
 */
export const OWNER_DAYS_AHEAD = 30;
const DAY_MS = 86_400_000;
export const isTooFarAhead = (startsAt: Date, nowMs: number): boolean =>
  startsAt.getTime() > nowMs + OWNER_DAYS_AHEAD * DAY_MS;

/** When an announcement starts: a time in the past is now, so that the announcement counts for the day on which it is written. */
export const announcementStart = (stated: Date | undefined, nowMs: number): Date =>
  new Date(Math.max(stated?.getTime() ?? nowMs, nowMs));

/** Was it created by the owner of a store? */
export const isOfOwner = ({ createdBy, onceKey }: Pick<NoticeJob, 'createdBy' | 'onceKey'>): boolean =>
  createdBy !== null && onceKey !== null;

/** A part of an audience. */
export interface AudiencePage {
  readonly userIds: readonly bigint[];
  /** Where the next page begins. */
  readonly position: bigint;
  readonly hasMore: boolean;
  /** All users now. */
  readonly size: number;
  /** How many of them have no account here. Absent: it is not looked up. */
  readonly unknown?: number;
}

/** The progress of a job after a page. */
export function progressAfter(
  { done, written, unknown }: Pick<NoticeJob, 'done' | 'written' | 'unknown'>,
  { userIds, position, hasMore, size, unknown: newUnknown = 0 }: AudiencePage,
  newNotices: number,
): Pick<NoticeJob, 'position' | 'done' | 'written' | 'unknown' | 'total'> {
  const reached = done + userIds.length;
  const total = hasMore ? Math.max(size, reached + 1) : reached;
  return { position, done: reached, written: written + newNotices, unknown: unknown + newUnknown, total };
}
