import type { Keep, Replay } from '../../../../platform/kernel/command-key.ts';

/** OPEN takes input, QUEUED waits for a runner, RUNNING has one; DONE and FAILED are ends. */
export type JobStatus = 'OPEN' | 'QUEUED' | 'RUNNING' | 'DONE' | 'FAILED';

/** Work on many rows in the background. */
export interface JobRecord {
  readonly id: bigint;
  readonly kind: string;
  readonly policyId: bigint;
  readonly createdBy: bigint;
  /** What its kind needs to know; JSON. */
  readonly params: unknown;
  readonly status: JobStatus;
  readonly total: number;
  /** Rows looked at, of `total`. */
  readonly done: number;
  /** How many of them could not be done. The first 10,000 are kept, each with its reason. */
  readonly failed: number;
  readonly error: string | undefined;
  readonly createdAt: Date;
  readonly startedAt: Date | undefined;
  readonly finishedAt: Date | undefined;
}

/** A job that one runner has. It stays its own while it moves: every step lengthens the lease. */
export interface LeasedJob extends JobRecord {
  readonly lease: string;
}

/** A row that could not be done. */
export interface RowError {
  /** 1 = the first line of the input. */
  readonly row: number;
  readonly line: string;
  /** A refusal's code. */
  readonly code: string;
}

export type Progress = Pick<JobRecord, 'done' | 'failed'>;

/** Another runner has the job by now, or it ended: what was about to be done is rolled back. */
export class JobLeaseLost extends Error {
  override readonly name = 'JobLost';
}

/** A kind of job: what it is for, and how it goes on. */
export interface JobKind {
  readonly kind: string;
  /** Of the policies that it is for. */
  readonly distributionType: 'CODE' | 'DIRECT';
  /** Is it opened to take lines (OpenJob), or does an operation of its own begin it? */
  readonly acceptsInput: boolean;
  /**
   * Does the rows after `job.done`, a bounded number of them, and moves the job's progress in the transaction that holds their
   * effect: a runner that dies has done a step whole or not at all. Throws JobLost.
   */
  step(job: LeasedJob): Promise<Progress>;
}

/** Where jobs and what was uploaded for them are kept. */
export interface JobStore {
  /** With `keep` the job is inserted once for its key. */
  insert(job: JobRecord, keep?: Keep<JobRecord>): Promise<JobRecord | Replay>;
  find(id: bigint): Promise<JobRecord | undefined>;
  /** Adds a part while the job is OPEN. A part that is there already changes nothing. */
  append(id: bigint, part: number, lines: readonly string[], rowsMax: number): Promise<JobRecord | AppendRejection>;
  /** OPEN becomes QUEUED; in any other state it answers what is. With `keep` one job is submitted for its key. */
  submit(id: bigint, keep?: Keep<JobRecord | undefined>): Promise<JobRecord | undefined | Replay>;
  /** Deletes a job that is still OPEN, and its input. */
  discard(id: bigint): Promise<void>;
  /** In order of their rows, from after `afterRow` on. */
  errors(id: bigint, afterRow: number, limit: number): Promise<readonly RowError[]>;
  /** Fails jobs that are OPEN since before `before`: nobody is uploading any more. Answers how many. */
  failAbandonedUploads(before: Date, now: Date, limit: number): Promise<number>;
}
export type AppendRejection = 'not open' | 'out of order' | 'too long';

/** What a runner needs. Leases go by the store's own clock, which all nodes share. */
export interface JobLeases {
  /** The oldest job of these kinds that nobody has, if any. It is RUNNING from then on. */
  acquire(kinds: readonly string[], now: Date): Promise<LeasedJob | undefined>;
  /** The job as it is stored, held longer; undefined when another runner has it. */
  renew(job: LeasedJob): Promise<LeasedJob | undefined>;
  /** Lets another runner take it at once. */
  release(job: LeasedJob): Promise<void>;
  /** DONE; what was uploaded goes. */
  finish(job: LeasedJob, now: Date): Promise<void>;
  fail(job: LeasedJob, error: string, now: Date): Promise<void>;
}
