import pg from 'pg';
import { env, type Issued } from './serve.ts';

export interface CouponRow {
  readonly id: string;
  readonly sequence_no: number;
  readonly issued_at: Date;
  readonly expires_at: Date;
}

export const issuedFrom = (row: CouponRow): Issued => ({
  kind: 'issued',
  couponId: row.id,
  sequenceNo: row.sequence_no,
  issuedAt: row.issued_at,
  expiresAt: row.expires_at,
});

/** A duplicate user: the unique index (policy_id, user_id) refused it. */
export const isDuplicate = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '23505';

/** All connections are opened before the load begins; none is closed for being idle. */
export async function openPool(): Promise<pg.Pool> {
  const max = Number(env('POOL_MAX'));
  const pool = new pg.Pool({ connectionString: env('DATABASE_URL'), max, min: max, idleTimeoutMillis: 0 });
  const clients = await Promise.all(Array.from({ length: max }, () => pool.connect()));
  for (const client of clients) client.release();
  return pool;
}

/** One transaction on one connection: `work` between BEGIN and COMMIT, ROLLBACK when it throws. */
export async function inTransaction(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<Issued>): Promise<Issued> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const issued = await work(client);
    await client.query('commit');
    return issued;
  } catch (error) {
    await client.query('rollback');
    if (isDuplicate(error)) return { kind: 'already-issued' };
    throw error;
  } finally {
    client.release();
  }
}

/** The body of the usual transaction, once the policy is safe from others. */
export async function issueUnderLock(
  client: pg.PoolClient,
  policyId: string,
  userId: string,
  lock: 'for update' | '',
): Promise<Issued> {
  const found = await client.query<{ open: boolean; current_issue_count: number; max_issue_count: number }>({
    name: `policy ${lock}`,
    text: `select current_issue_count, max_issue_count, now() >= valid_from and now() < valid_until as open
             from bench.policies where id = $1 ${lock}`,
    values: [policyId],
  });
  const [policy] = found.rows;
  if (!policy?.open || policy.current_issue_count >= policy.max_issue_count) return { kind: 'sold-out' };
  const inserted = await client.query<CouponRow>({
    name: 'insert coupon',
    text: `insert into bench.coupons (policy_id, user_id, sequence_no, expires_at)
           values ($1, $2, $3, now() + interval '30 days') returning id::text, sequence_no, issued_at, expires_at`,
    values: [policyId, userId, policy.current_issue_count + 1],
  });
  await client.query({
    name: 'count',
    text: 'update bench.policies set current_issue_count = current_issue_count + 1 where id = $1',
    values: [policyId],
  });
  const [row] = inserted.rows;
  if (row === undefined) throw new Error('nothing inserted');
  return issuedFrom(row);
}
