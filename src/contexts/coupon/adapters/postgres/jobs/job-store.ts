import { randomUUID } from 'node:crypto';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { transactOnce } from '../../../../../platform/idempotency/transact-once.ts';
import { Unavailable } from '../../../../../platform/kernel/refusal.ts';
import type { Database } from '../../../../../platform/postgres/database.ts';
import type { RowOf } from '../../../../../platform/postgres/table-mapping.ts';
import { inTransaction } from '../../../../../platform/postgres/transaction.ts';
import type { JobLeases, JobRecord, JobStore, LeasedJob, RowError } from '../../../application/jobs/ports.ts';
import type { JobStatus } from '../../../domain/enumerations.ts';
import { couponJobs } from '../schema.ts';
import { JOB } from './job-mappings.ts';
import { LEASE_SECONDS } from './job-step.ts';

// Locked, so that the policy does not leave the shard between the check of its manager and its job.
const IS_HERE = 'select from coupon.coupon_policies where id = $1 for key share';

const FIND = 'select * from coupon.coupon_jobs where id = $1';

const INSERT_PART = `
  insert into coupon.coupon_job_input (job_id, part, rows_before, lines) values ($1, $2, $3, $4::text[])`;
const PARTS = 'select count(*)::int as parts from coupon.coupon_job_input where job_id = $1';
const ADD_LINES = 'update coupon.coupon_jobs set total = total + $2 where id = $1 returning *';
const SUBMIT = `update coupon.coupon_jobs set status = 'QUEUED' where id = $1 and status = 'OPEN'`;
const DISCARD = `delete from coupon.coupon_jobs where id = $1 and status = 'OPEN'`;
const ERRORS = `
  select row, line, code from coupon.coupon_job_errors where job_id = $1 and row > $2 order by row limit $3`;
const FAIL_ABANDONED = `
  update coupon.coupon_jobs set status = 'FAILED', error = 'Its upload did not come to an end.', finished_at = $2
  where id in (select id from coupon.coupon_jobs where status = 'OPEN' and created_at < $1 limit $3 for update skip locked)
  returning id`;

const LEASE_UNTIL = `clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})`;
// A row that another runner is acquiring is skipped.
const ACQUIRE = `
  update coupon.coupon_jobs
  set status = 'RUNNING', started_at = coalesce(started_at, $2), lease = $3, lease_until = ${LEASE_UNTIL}
  where id = (
    select id from coupon.coupon_jobs
    where status in ('QUEUED', 'RUNNING') and kind = any($1) and (lease_until is null or lease_until < clock_timestamp())
    order by id limit 1 for update skip locked)
  returning *`;
const WHERE_LEASED = `where id = $1 and lease = $2 and status = 'RUNNING'`;
const RENEW = `update coupon.coupon_jobs set lease_until = ${LEASE_UNTIL} ${WHERE_LEASED} returning *`;
const RELEASE = `update coupon.coupon_jobs set lease_until = clock_timestamp() ${WHERE_LEASED}`;
const END = `
  update coupon.coupon_jobs set status = $3, error = $4, finished_at = $5, lease = null, lease_until = null ${WHERE_LEASED}`;
const DROP_INPUT = 'delete from coupon.coupon_job_input where job_id = any($1)';

export function postgresJobStore({ pool }: Pick<Database, 'pool'>): JobStore & JobLeases {
  /** Ends a job and deletes its input. */
  const end = (job: LeasedJob, status: JobStatus, error: string | null, now: Date): Promise<void> =>
    inTransaction(pool, async (client) => {
      const { rowCount } = await client.query(END, [job.id, job.lease, status, error, now]);
      if (rowCount === 1) await client.query(DROP_INPUT, [[job.id]]);
    });

  return {
    insert: (job, idempotency) =>
      transactOnce(pool, idempotency, async (client) => {
        const { rowCount } = await client.query(IS_HERE, [job.policyId]);
        if (rowCount === 0) throw new Unavailable('DEPENDENCY_UNAVAILABLE', `policy ${job.policyId} has moved away`);
        await drizzle(client).insert(couponJobs).values(JOB.toModel(job));
        return job;
      }),
    find: async (id) => firstJob(await pool.query<JobRow>(FIND, [id])),

    append: (id, part, lines, rowsMax) =>
      inTransaction(pool, async (client) => {
        const job = firstJob(await client.query<JobRow>(`${FIND} for no key update`, [id]));
        if (job?.status !== 'OPEN') return 'not open';
        const parts = (await client.query<{ parts: number }>(PARTS, [id])).rows[0]?.parts ?? 0;
        if (part < parts) return job;
        if (part > parts) return 'out of order';
        if (job.total + lines.length > rowsMax) return 'too long';
        await client.query(INSERT_PART, [id, part, job.total, lines]);
        return firstJob(await client.query<JobRow>(ADD_LINES, [id, lines.length])) ?? 'not open';
      }),
    submit: (id, idempotency) =>
      transactOnce(pool, idempotency, async (client) => {
        await client.query(SUBMIT, [id]);
        return firstJob(await client.query<JobRow>(FIND, [id]));
      }),
    discard: (id) =>
      inTransaction(pool, async (client) => {
        const { rowCount } = await client.query(DISCARD, [id]);
        if (rowCount === 1) await client.query(DROP_INPUT, [[id]]);
      }),
    errors: async (id, afterRow, limit) => (await pool.query<RowError>(ERRORS, [id, afterRow, limit])).rows,
    failAbandonedUploads: (before, now, limit) =>
      inTransaction(pool, async (client) => {
        const { rows } = await client.query<{ id: bigint }>(FAIL_ABANDONED, [before, now, limit]);
        if (rows.length > 0) await client.query(DROP_INPUT, [rows.map(({ id }) => id)]);
        return rows.length;
      }),

    acquire: async (kinds, now) => toLeasedJob(await pool.query<JobRow>(ACQUIRE, [kinds, now, randomUUID()])),
    renew: async (job) => toLeasedJob(await pool.query<JobRow>(RENEW, [job.id, job.lease])),
    async release(job) {
      await pool.query(RELEASE, [job.id, job.lease]);
    },
    finish: (job, now) => end(job, 'DONE', null, now),
    fail: (job, error, now) => end(job, 'FAILED', error, now),
  };
}

type JobRow = RowOf<typeof JOB> & { readonly lease: string | null };

const firstJob = ({ rows: [row] }: pg.QueryResult<JobRow>): JobRecord | undefined => row && JOB.read(row);
const toLeasedJob = ({ rows: [row] }: pg.QueryResult<JobRow>): LeasedJob | undefined =>
  row?.lease ? JOB.read(row, { lease: row.lease }) : undefined;
