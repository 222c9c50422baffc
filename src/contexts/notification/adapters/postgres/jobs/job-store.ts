import { randomUUID } from 'node:crypto';
import { and, desc, eq, isNotNull, lt } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { transactOnce } from '../../../../../platform/idempotency/transact-once.ts';
import { JobLeaseLost, type JobLeases } from '../../../../../platform/jobs/leases.ts';
import type { IdSource } from '../../../../../platform/kernel/ids.ts';
import type { Database } from '../../../../../platform/postgres/database.ts';
import { READ_TIME, timeIn } from '../../../../../platform/postgres/database-time.ts';
import { inTransaction } from '../../../../../platform/postgres/transaction.ts';
import { JOB_KIND, type JobStore, type LeasedJob, type Submitted } from '../../../application/jobs/ports.ts';
import type { Kind } from '../../../domain/kinds.ts';
import {
  type Audience,
  type JobStatus,
  type NoticeJob,
  OPENING_KINDS,
  progressAfter,
} from '../../../domain/notice-job.ts';
import { jobs } from '../schema.ts';
import { writeNotices } from '../write-notices.ts';

/** A job without a page for this long can be acquired by another runner. */
const LEASE_SECONDS = 10;
const LEASE_UNTIL = `clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})`;

const ADD_USERS = `
  insert into notification.job_users (job_id, user_id) select $1::bigint, u from unnest($2::bigint[]) as u order by 1, 2
  on conflict do nothing`;
const ADD_TOTAL = 'update notification.jobs set total = total + $2 where id = $1';
const USERS = `
  select user_id as "userId" from notification.job_users where job_id = $1 and user_id > $2 order by user_id limit $3`;
const SUBMIT = `
  update notification.jobs set status = 'QUEUED' where id = $1 and status = 'OPEN' and total > 0`;
/** The key of an announcement that is cancelled or failed and has written nothing is free for another one of the same store and day. */
const keyAfter = (status: string): string => `
  case when ${status} in ('CANCELLED', 'FAILED') and created_by is not null and written = 0 then once_key || ' ' || id else once_key end`;
const CANCEL = `
  update notification.jobs set status = 'CANCELLED', finished_at = $2, lease = null, lease_until = null,
    once_key = ${keyAfter("'CANCELLED'")}
  where id = $1 and status in ('OPEN', 'QUEUED', 'RUNNING')`;
const FAIL_ABANDONED = `
  update notification.jobs set status = 'FAILED', error = 'Its list of users did not come to an end.', finished_at = $2
  where id in (select id from notification.jobs where status = 'OPEN' and created_at < $1 limit $3 for update skip locked)
  returning id`;
const DROP_USERS = 'delete from notification.job_users where job_id = any($1)';

// A row that another runner is acquiring is skipped.
const ACQUIRE = `
  update notification.jobs
  set status = 'RUNNING', started_at = coalesce(started_at, $1), lease = $2, lease_until = ${LEASE_UNTIL}
  where id = (
    select id from notification.jobs
    where status in ('QUEUED', 'RUNNING') and starts_at <= $1 and (lease_until is null or lease_until < clock_timestamp())
    order by id limit 1 for update skip locked)
  returning id`;
const WHERE_LEASED = `where id = $1 and lease = $2 and status = 'RUNNING'`;
const RENEW = `update notification.jobs set lease_until = ${LEASE_UNTIL} ${WHERE_LEASED} returning id`;
const RELEASE = `update notification.jobs set lease_until = clock_timestamp() ${WHERE_LEASED}`;
const POSTPONE = `
  update notification.jobs set status = 'QUEUED', starts_at = $3, lease = null, lease_until = null ${WHERE_LEASED}`;
/** Of a job that runs and has written nothing the runner may have read the policy as it was: it loses the lease. */
const BRING_FORWARD = `
  update notification.jobs set status = 'QUEUED', starts_at = least(starts_at, $2), lease = null, lease_until = null
  where subject = $1 and kind = any($3::text[]) and (status = 'QUEUED' and starts_at > $2 or status = 'RUNNING' and done = 0)`;
const END = `
  update notification.jobs set status = $3, error = $4, finished_at = $5, lease = null, lease_until = null,
    once_key = ${keyAfter('$3')}
  ${WHERE_LEASED}`;
/** The first lock of a page, if this runner still has the lease and the progress is that of its job. */
const HOLD = `select from notification.jobs ${WHERE_LEASED} and position = $3 and done = $4 for no key update`;
const ADVANCE = `
  update notification.jobs set position = $2, done = $3, written = $4, total = $5, unknown = $6, lease_until = ${LEASE_UNTIL} where id = $1`;

export interface JobStoreDeps {
  readonly database: Database;
  readonly nextId: IdSource;
}

export function postgresJobStore({ database, nextId }: JobStoreDeps): JobStore & JobLeases<LeasedJob> {
  const { pool, time } = database;
  const db = drizzle(pool);

  const findIn = async (on: NodePgDatabase, id: bigint): Promise<JobRow | undefined> =>
    (await on.select().from(jobs).where(eq(jobs.id, id)))[0];
  const find = async (id: bigint): Promise<NoticeJob | undefined> => {
    const row = await findIn(db, id);
    return row && toJob(row);
  };
  async function leased(text: string, values: readonly unknown[]): Promise<LeasedJob | undefined> {
    const { rows } = await pool.query<{ id: bigint }>(text, [...values]);
    const row = rows[0] && (await findIn(db, rows[0].id));
    return row?.lease ? { ...toJob(row), kind: JOB_KIND, lease: row.lease } : undefined;
  }
  const end = ({ id, lease }: LeasedJob, status: JobStatus, error: string | null, now: Date): Promise<void> =>
    inTransaction(pool, async (client) => {
      const { rowCount } = await client.query(END, [id, lease, status, error, now]);
      if (rowCount === 1) await client.query(DROP_USERS, [[id]]);
    });

  return {
    insert: (job, idempotency) =>
      transactOnce<NoticeJob | undefined>(pool, idempotency, async (client) => {
        const inserted = await drizzle(client)
          .insert(jobs)
          .values(toRow(job))
          .onConflictDoNothing({ target: jobs.onceKey });
        return inserted.rowCount === 1 ? job : undefined;
      }),
    find,
    async list(before, limit, ownerId) {
      const older = before === undefined ? undefined : lt(jobs.id, before);
      const own = ownerId === undefined ? undefined : and(eq(jobs.createdBy, ownerId), isNotNull(jobs.onceKey));
      return (await db.select().from(jobs).where(and(older, own)).orderBy(desc(jobs.id)).limit(limit)).map(toJob);
    },

    addUsers: (id, userIds, most) =>
      inTransaction(pool, async (client) => {
        const tx = drizzle(client);
        const [job] = await tx.select().from(jobs).where(eq(jobs.id, id)).for('no key update');
        if (job?.status !== 'OPEN') return 'not open';
        const { rowCount } = await client.query(ADD_USERS, [id, userIds]);
        const total = job.total + (rowCount ?? 0);
        if (total > most) throw new TooLong();
        await client.query(ADD_TOTAL, [id, rowCount ?? 0]);
        return toJob({ ...job, total });
      }).catch((error: unknown) => {
        if (error instanceof TooLong) return 'too long' as const;
        throw error;
      }),
    submit: (id, idempotency) =>
      transactOnce<Submitted>(pool, idempotency, async (client) => {
        const { rowCount } = await client.query(SUBMIT, [id]);
        const row = await findIn(drizzle(client), id);
        if (rowCount === 1) return row && toJob(row);
        return row && (row.status === 'OPEN' ? 'no users' : 'not open');
      }),
    cancel: (id, now, idempotency) =>
      transactOnce<NoticeJob | undefined>(pool, idempotency, async (client) => {
        const { rowCount } = await client.query(CANCEL, [id, now]);
        if (rowCount === 1) await client.query(DROP_USERS, [[id]]);
        const row = await findIn(drizzle(client), id);
        return row && toJob(row);
      }),
    async users(id, after, limit) {
      const [{ rows }, job] = await Promise.all([
        pool.query<{ userId: bigint }>(USERS, [id, after, limit + 1]),
        find(id),
      ]);
      const userIds = rows.slice(0, limit).map(({ userId }) => userId);
      return { userIds, position: userIds.at(-1) ?? after, hasMore: rows.length > limit, size: job?.total ?? 0 };
    },

    writePage: (job, page) =>
      inTransaction(pool, async (client) => {
        const { rowCount } = await client.query(HOLD, [job.id, job.lease, job.position, job.done]);
        if (rowCount !== 1) throw new JobLeaseLost('another runner has the job, or it has ended');
        const nowMs = time.presentAt(timeIn(await client.query(READ_TIME.text)));
        const wanted = page.userIds.map((userId) => ({ ...job.notice, userId }));
        const written = await writeNotices(client, wanted, { nextId, nowMs });
        const progress = progressAfter(job, page, written.length);
        const { position, done, written: all, total, unknown } = progress;
        await client.query(ADVANCE, [job.id, position, done, all, total, unknown]);
        return { ...progress, toUsers: written.map(({ userId }) => userId) };
      }),
    async postpone({ id, lease }, until) {
      await pool.query(POSTPONE, [id, lease, until]);
    },
    bringForward: async (policyId, now) =>
      (await pool.query(BRING_FORWARD, [policyId, now, OPENING_KINDS])).rowCount ?? 0,
    callOff: (job, reason, now) => end(job, 'CANCELLED', reason, now),
    failAbandoned: (before, now, limit) =>
      inTransaction(pool, async (client) => {
        const { rows } = await client.query<{ id: bigint }>(FAIL_ABANDONED, [before, now, limit]);
        if (rows.length > 0) await client.query(DROP_USERS, [rows.map(({ id }) => id)]);
        return rows.length;
      }),

    acquire: (_, now) => leased(ACQUIRE, [now, randomUUID()]),
    renew: ({ id, lease }) => leased(RENEW, [id, lease]),
    async release({ id, lease }) {
      await pool.query(RELEASE, [id, lease]);
    },
    finish: (job, now) => end(job, 'DONE', null, now),
    fail: (job, error, now) => end(job, 'FAILED', error, now),
  };
}

/** Rolls the users back that would be too many. */
class TooLong extends Error {}

type JobRow = typeof jobs.$inferSelect;

const toJob = ({
  audience,
  audienceId,
  kind,
  subject,
  day,
  data,
  lease: _,
  leaseUntil: __,
  ...row
}: JobRow): NoticeJob => ({
  ...row,
  audience: { type: audience, id: audienceId } as Audience,
  notice: { kind: kind as Kind, subject, day, data },
});

const toRow = ({ audience, notice, ...job }: NoticeJob): typeof jobs.$inferInsert => ({
  ...job,
  ...notice,
  audience: audience.type,
  audienceId: audience.id,
});
