import type pg from 'pg';
import { JobLeaseLost } from '../../../../../platform/jobs/leases.ts';
import type { Statement } from '../../../../../platform/postgres/batch-transaction.ts';
import type { LeasedJob, Progress, RowError } from '../../../application/jobs/ports.ts';
import { ROW_ERROR } from './job-mappings.ts';

/** Failed rows that are stored, each with its reason; further ones are only counted. */
export const ERRORS_MAX = 10_000;
/**
 * A job without a step for this long can be acquired by another runner. A step takes far less, and statements end after
 * 5 s.
 */
export const LEASE_SECONDS = 10;

// Never waits long: the holder of the row commits, or is disconnected after 2 s.
const LOCK = `
  select 1 from coupon.coupon_jobs
  where id = $1::bigint and lease = $2::uuid and done = $3::int and status = 'RUNNING' for no key update`;

const ADVANCE = `
  update coupon.coupon_jobs
  set done = done + $2::int, failed = failed + $3::int, lease_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
  where id = $1::bigint`;

const INSERT_ERRORS = `
  insert into coupon.coupon_job_errors (${ROW_ERROR.insertColumns})
  select ${ROW_ERROR.insertValues('new.')} from unnest(${ROW_ERROR.arrays()}) new(${ROW_ERROR.names})`;

/**
 * The first lock of a step's transaction: the job, if this runner still has its lease and its progress is unchanged.
 */
export const lockJob = (job: LeasedJob): Statement => ({
  name: 'job-hold',
  text: LOCK,
  values: [String(job.id), job.lease, job.done],
});

/** Throws JobLeaseLost when `lockJob` returned no row. */
export function requireLease(held: pg.QueryResult | undefined): void {
  if (held?.rowCount !== 1) throw new JobLeaseLost('another runner has the job, or it has ended');
}

/** The statements that store a step's progress and failed rows. */
export function advanceJob(job: LeasedJob, rows: number, errors: readonly RowError[]): Statement[] {
  const stored = errors.slice(0, Math.max(0, ERRORS_MAX - job.failed));
  const advance = { name: 'job-move', text: ADVANCE, values: [String(job.id), rows, errors.length] };
  if (stored.length === 0) return [advance];
  return [advance, { name: 'job-errors', text: INSERT_ERRORS, values: ROW_ERROR.values(stored, { jobId: job.id }) }];
}

export const progressAfter = (job: LeasedJob, rows: number, errors: readonly RowError[]): Progress => ({
  done: job.done + rows,
  failed: job.failed + errors.length,
});

/**
 * Returns whether the job advanced, after the connection broke at COMMIT. Waits for the lost session by locking the
 * job.
 */
export async function hasAdvanced(client: pg.ClientBase, job: LeasedJob): Promise<boolean> {
  const { rows } = await client.query<{ done: number }>(
    'select done from coupon.coupon_jobs where id = $1 for no key update',
    [job.id],
  );
  return (rows[0]?.done ?? 0) > job.done;
}
