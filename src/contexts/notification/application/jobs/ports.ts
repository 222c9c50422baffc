import type { Idempotency, Replay } from '../../../../platform/kernel/command-key.ts';
import type { Principal } from '../../../../platform/kernel/contract.ts';
import type { ContextResponse, Refusal } from '../../../../platform/kernel/refusal.ts';
import type { StoreChecks } from '../../../store/api.ts';
import type { NewNotice } from '../../domain/notice.ts';
import type { AudiencePage, NoticeJob } from '../../domain/notice-job.ts';

/** A job that one runner has leased. Every step renews the lease. */
export interface LeasedJob extends NoticeJob {
  /** The runner's name for these jobs. */
  readonly kind: typeof JOB_KIND;
  readonly lease: string;
}
export const JOB_KIND = 'NOTICES';

export type JobProgress = Pick<NoticeJob, 'position' | 'done' | 'written' | 'unknown' | 'total'>;

export type Submitted = NoticeJob | undefined | 'not open' | 'no users';

export interface JobStore {
  /** With `idempotency` the job is inserted once for its key; with a `onceKey` once for that: undefined when there is one already. */
  insert(job: NoticeJob, idempotency?: Idempotency<NoticeJob | undefined>): Promise<NoticeJob | Replay | undefined>;
  find(id: bigint): Promise<NoticeJob | undefined>;
  /** Newest first, with ids below `before`. With `ownerId` the announcements of that owner of stores only. */
  list(before: bigint | undefined, limit: number, ownerId?: bigint): Promise<readonly NoticeJob[]>;
  /** Adds users to the list of a job while it is OPEN. */
  addUsers(id: bigint, userIds: readonly bigint[], most: number): Promise<NoticeJob | 'not open' | 'too long'>;
  /** Changes OPEN to QUEUED. */
  submit(id: bigint, idempotency?: Idempotency<Submitted>): Promise<Submitted | Replay>;
  /**
   * Changes a job that has not ended to CANCELLED and deletes its list; any other is returned unchanged. An announcement that has written nothing does
   * not count for its store and day any more.
   */
  cancel(
    id: bigint,
    now: Date,
    idempotency?: Idempotency<NoticeJob | undefined>,
  ): Promise<NoticeJob | undefined | Replay>;
  /** A part of the list of a job. */
  users(id: bigint, after: bigint, limit: number): Promise<AudiencePage>;
  /** Writes the notices of a page with the progress of the job, in one transaction. Throws JobLeaseLost. */
  writePage(job: LeasedJob, page: AudiencePage): Promise<JobProgress & { readonly toUsers: readonly bigint[] }>;
  /** Gives the lease back, and queues the job for `until`. */
  postpone(job: LeasedJob, until: Date): Promise<void>;
  /** Makes jobs about openings of a policy that have written nothing due at `now`. Returns their number. */
  bringForward(policyId: string, now: Date): Promise<number>;
  /** Ends a leased job whose notices have lost their reason. */
  callOff(job: LeasedJob, reason: string, now: Date): Promise<void>;
  /** Fails jobs that have been OPEN since before `before`, and deletes their lists. Returns their number. */
  failAbandoned(before: Date, now: Date, limit: number): Promise<number>;
}

/** What this context asks of those that know who follows and holds what. */
export interface Stores extends StoreChecks {
  /** Refused: STORE_NOT_FOUND. */
  getStore(request: {
    readonly storeId: bigint;
    readonly principal: Principal | undefined;
  }): Promise<ContextResponse<{ readonly name: string } | Refusal>>;
  listFollowers(request: {
    readonly target: { readonly $case: 'storeId' | 'policyId'; readonly value: bigint };
    readonly after: bigint;
    readonly limit: number;
  }): Promise<{ readonly userIds: readonly bigint[]; readonly hasMore: boolean; readonly followers: number }>;
  listFollowedOpenings(request: { readonly from: Date; readonly to: Date }): Promise<{
    readonly policies: readonly {
      readonly policyId: bigint;
      readonly name: string;
      readonly opensAt?: Date | undefined;
    }[];
  }>;
}
export interface Coupons {
  /** Refused: POLICY_NOT_FOUND. */
  getPolicy(request: { readonly policyId: bigint }): Promise<ContextResponse<FoundPolicy | Refusal>>;
  listHolders(request: { readonly policyId: bigint; readonly after: number; readonly limit: number }): Promise<{
    readonly userIds: readonly bigint[];
    readonly next: number;
    readonly hasMore: boolean;
    readonly issued: number;
  }>;
}

/** Which ids are of users who are active, and which of no user here. The others are locked or deleted. `Contacts` has more. */
export interface Accounts {
  getContacts(request: { readonly userIds: readonly bigint[] }): Promise<{
    readonly contacts: readonly { readonly userId: bigint }[];
    readonly unknownUserIds: readonly bigint[];
  }>;
}

export interface FoundPolicy {
  readonly status: string;
  readonly suspensionReason?: string | undefined;
  readonly terms?: { readonly validFrom?: Date | undefined } | undefined;
}

/** Writes one notice, once for its key. Returns its subject. */
export interface TestNotices {
  write(notice: NewNotice, idempotency?: Idempotency<string>): Promise<string | Replay>;
}
