import type { JobSteps, JobLeases as LeasesOf } from '../../../../platform/jobs/leases.ts';
import type { Idempotency, Replay } from '../../../../platform/kernel/command-key.ts';
import type { JobKindName, JobStatus } from '../../domain/enumerations.ts';
import type { IssueCommand, IssueDecision, IssueSnapshot } from '../../domain/issue/issue.ts';

/** OPEN accepts input, QUEUED waits for a runner, RUNNING has one; DONE and FAILED are final. */

/** A job that processes many rows in the background. */
export interface JobRecord {
  readonly id: bigint;
  readonly kind: JobKindName;
  readonly policyId: bigint;
  readonly createdBy: bigint;
  /** Parameters of its kind; JSON. */
  readonly params: unknown;
  readonly status: JobStatus;
  readonly total: number;
  /** Processed rows, of `total`. */
  readonly done: number;
  /** How many rows failed. The first 10,000 are stored, each with its reason. */
  readonly failed: number;
  readonly error: string | undefined;
  readonly createdAt: Date;
  readonly startedAt: Date | undefined;
  readonly finishedAt: Date | undefined;
}

/** A job that one runner has leased. Every step renews the lease. */
export interface LeasedJob extends JobRecord {
  readonly lease: string;
}

/** A row that failed. */
export interface RowError {
  /** 1 = the first line of the input. */
  readonly row: number;
  readonly line: string;
  /** A refusal's code. */
  readonly code: string;
}

export type Progress = Pick<JobRecord, 'done' | 'failed'>;

/** A kind of job: its policies and its steps. */
export interface JobKind extends JobSteps<LeasedJob> {
  readonly kind: JobKindName;
  /** The type of policy for which OpenJob creates it, to accept lines; absent: an operation of its own creates it. */
  readonly acceptsLinesFor?: 'CODE' | 'DIRECT';
  step(job: LeasedJob): Promise<Progress>;
  /** What the rows of an OPEN job would do, without doing it. Absent when that cannot be said beforehand. */
  check?(job: JobRecord, errorsMax: number): Promise<RowCheck>;
}

export interface RowCheck {
  /** Rows that would fail. */
  readonly failed: number;
  /** The first of them. */
  readonly errors: readonly RowError[];
}

/** Stores jobs and their uploaded input. */
export interface JobStore {
  /** With `idempotency` the job is inserted once for its key. */
  insert(job: JobRecord, idempotency?: Idempotency<JobRecord>): Promise<JobRecord | Replay>;
  find(id: bigint): Promise<JobRecord | undefined>;
  /** Appends a part while the job is OPEN. A part that exists already changes nothing. */
  append(id: bigint, part: number, lines: readonly string[], rowsMax: number): Promise<JobRecord | AppendRejection>;
  /**
   * Changes OPEN to QUEUED; in any other state it returns the job unchanged. With `idempotency` one job is submitted for its
   * key.
   */
  submit(id: bigint, idempotency?: Idempotency<JobRecord | undefined>): Promise<JobRecord | undefined | Replay>;
  /** Deletes a job that is still OPEN, and its input. */
  discard(id: bigint): Promise<void>;
  /** Ordered by row, after `afterRow`. */
  errors(id: bigint, afterRow: number, limit: number): Promise<readonly RowError[]>;
  /** Fails jobs that have been OPEN since before `before`: their upload was abandoned. Returns their number. */
  failAbandonedUploads(before: Date, now: Date, limit: number): Promise<number>;
}
export type AppendRejection = 'not open' | 'out of order' | 'too long';

export type JobLeases = LeasesOf<LeasedJob>;

export interface IssuedRows {
  readonly decision: IssueDecision;
  /** Processed rows, and the errors of those that failed. */
  readonly rows: number;
  readonly errors: readonly RowError[];
}

/** Issues the rows of lists: each step completely or not at all, together with the job's progress. */
export interface RowIssueStore {
  /** Lines after the job's progress, at most `max` and at least one. */
  lines(job: LeasedJob, max: number): Promise<readonly string[]>;
  /** As issueBatch of IssueStore, additionally under the job's lock. Throws JobLeaseLost. */
  issueRows(
    job: LeasedJob,
    commands: readonly IssueCommand[],
    decide: (snapshot: IssueSnapshot) => IssuedRows,
  ): Promise<Progress>;
  /**
   * The errors that `issueRows` would report for all lines of an OPEN job if nothing else were issued meanwhile. Reads without locks, and
   * stores nothing.
   */
  checkRows(
    job: JobRecord,
    errorsMax: number,
    read: (lines: readonly string[], rowsBefore: number) => RowsToIssue,
  ): Promise<RowCheck>;
}

/** The rows of a part of a list as commands, and how they are decided. */
export interface RowsToIssue {
  readonly commands: readonly IssueCommand[];
  decide(snapshot: IssueSnapshot): IssuedRows;
}

/** The coupons that a withdrawal covers, by sequence number. */
export interface WithdrawalStore {
  /** The highest sequence number of the policy; 0 when nothing was issued. */
  lastSequenceNo(policyId: bigint): Promise<number>;
  /** The ISSUED and RESERVED coupons with sequence numbers in (after, to]. */
  unused(policyId: bigint, after: number, to: number): Promise<readonly UnusedCoupon[]>;
  /** Stores the progress of a step. Throws JobLeaseLost. */
  advance(job: LeasedJob, rows: number, errors: readonly RowError[]): Promise<Progress>;
}

export interface UnusedCoupon {
  readonly couponId: bigint;
  readonly sequenceNo: number;
}
