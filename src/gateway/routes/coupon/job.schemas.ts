import { z } from 'zod';
import { JOB_KINDS, JOB_STATUSES, type Job, type JobError } from '../../../contexts/coupon/api.ts';
import { oneOf } from '../../server/one-of.ts';
import { IdText, InstantText, instantOrNull, requiredInstant } from '../../server/schemas.ts';
import { BYTE_ORDER_MARK, csvLine } from '../../uploads/csv.ts';

/** Work on many rows in the background. */
export const JobView = z
  .strictObject({
    jobId: IdText,
    kind: z.enum(JOB_KINDS),
    couponPolicyId: IdText,
    status: z.enum(JOB_STATUSES),
    total: z.int(),
    done: z.int().meta({ description: 'Processed rows, of `total`' }),
    failed: z.int().meta({ description: 'Processed rows that failed' }),
    error: z.string().nullable().meta({ description: 'FAILED: the reason' }),
    createdAt: InstantText,
    startedAt: InstantText.nullable(),
    finishedAt: InstantText.nullable(),
    estimatedFinishAt: InstantText.nullable().meta({ description: 'RUNNING: estimated from the speed so far' }),
  })
  .meta({ id: 'Job' });
export type JobJson = z.input<typeof JobView>;

export const JOB_EXAMPLE: JobJson = {
  jobId: '7330011234567893',
  kind: 'DIRECT_ISSUE',
  couponPolicyId: '7330011234567890',
  status: 'RUNNING',
  total: 1_000_000,
  done: 250_000,
  failed: 12,
  error: null,
  createdAt: '2035-01-01T01:00:00.123Z',
  startedAt: '2035-01-01T01:00:12.000Z',
  finishedAt: null,
  estimatedFinishAt: '2035-01-01T01:00:52.000Z',
};

/** Of a job that has not started. */
export const QUEUED_EXAMPLE: JobJson = {
  ...JOB_EXAMPLE,
  status: 'QUEUED',
  done: 0,
  failed: 0,
  startedAt: null,
  estimatedFinishAt: null,
};

/** The path where a job can be followed. */
export const locationOf = ({ jobId }: JobJson): string => `/api/v1/jobs/${jobId}`;

export const jobJson = (job: Job): JobJson => ({
  jobId: String(job.id),
  kind: oneOf(JOB_KINDS, job.kind),
  couponPolicyId: String(job.policyId),
  status: oneOf(JOB_STATUSES, job.status),
  total: job.total,
  done: job.done,
  failed: job.failed,
  error: job.error ?? null,
  createdAt: requiredInstant(job.createdAt),
  startedAt: instantOrNull(job.startedAt),
  finishedAt: instantOrNull(job.finishedAt),
  estimatedFinishAt: instantOrNull(job.estimatedFinishAt),
});

export const JobErrorView = z
  .strictObject({
    row: z.int().meta({ description: '1 = the first line of data; a header and blank lines do not count' }),
    line: z.string(),
    code: z.string().meta({ description: 'An error code' }),
  })
  .meta({ id: 'JobError' });
/** What a job would do with a file. */
export const DryRunView = z
  .strictObject({
    total: z.int().meta({ description: 'Rows of the file' }),
    failed: z.int().meta({ description: 'Rows that would fail' }),
    errors: z.array(JobErrorView).meta({ description: 'The first 100 of them' }),
  })
  .meta({ id: 'DryRun' });
export type DryRunJson = z.input<typeof DryRunView>;

export const JOB_ERROR_EXAMPLE: JobError = { row: 17, line: '42', code: 'COUPON_ALREADY_ISSUED' };

export const DRY_RUN_EXAMPLE: DryRunJson = {
  total: 1_000,
  failed: 1,
  errors: [{ row: 17, line: 'CARD-1', code: 'VALIDATION_FAILED' }],
};

/** One line of errors.csv. */
export const errorLine = ({ row, line, code }: JobError): string => csvLine([String(row), line, code]);

export const ERRORS_CSV_HEADER = `${BYTE_ORDER_MARK}row,line,code\r\n`;
export const ERRORS_CSV_EXAMPLE = `${ERRORS_CSV_HEADER}${errorLine(JOB_ERROR_EXAMPLE)}`;
