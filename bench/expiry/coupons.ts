import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { sendJob } from '../support/send-job.ts';

const JOB = 'coupon.expire-coupons';
const PER_POLICY = 100_000;
const POLL_MS = 100;

/** Sold-out policies that ended, and their coupons, due since a minute; `template` is any policy. Numbers go on from `from`. */
export async function fillDue(client: pg.Client, template: string, from: number, coupons: number): Promise<void> {
  await client.query(
    `insert into coupon.coupon_policies
     select (jsonb_populate_record(p, jsonb_build_object('id', n, 'status', 'ENDED', 'code', null,
              'max_issue_count', ${PER_POLICY}, 'current_issue_count', least(${PER_POLICY}, $3 - (n - $2) * ${PER_POLICY}),
              'last_sequence_no', least(${PER_POLICY}, $3 - (n - $2) * ${PER_POLICY})))).*
       from coupon.coupon_policies p, generate_series($2::int, $2::int + ceil($3::numeric / ${PER_POLICY})::int - 1) n
      where p.id = $1::bigint`,
    [template, from, coupons],
  );
  await client.query(
    `insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at)
     select $1::bigint * 10000000 + s, $1 + s / ${PER_POLICY}, 1 + s * 2654435761 % 4294967296, 1 + s % ${PER_POLICY}, 0,
            now() - interval '30 days', now() - interval '1 minute'
       from generate_series(0, $2::bigint - 1) s`,
    [from, coupons],
  );
  await client.query('vacuum analyze coupon.coupon_issues');
}

export interface Expiry {
  /** Resolves when the first coupon has expired. */
  begun(): Promise<void>;
  isOver(): Promise<boolean>;
  /** Resolves when all have: how many in how many seconds, from the first group's moment to the last one's. */
  finished(): Promise<{ readonly coupons: number; readonly seconds: number }>;
}

/** Makes the running server expire due coupons. The coupons of this run have ids from `from` on. */
export async function startExpiry(client: pg.Client, databaseUrl: string, from: number): Promise<Expiry> {
  await sendJob(databaseUrl, JOB);
  const ids = [BigInt(from) * 10_000_000n, BigInt(from + 1_000) * 10_000_000n].map(String);
  const has = async (status: string): Promise<boolean> => {
    const text = `select 1 from coupon.coupon_issues where id >= $1 and id < $2 and status = $3 limit 1`;
    return (await client.query(text, [...ids, status])).rowCount === 1;
  };
  const isOver = async () => !(await has('ISSUED'));
  return {
    async begun() {
      while (!(await has('EXPIRED'))) await delay(POLL_MS);
    },
    isOver,
    async finished() {
      while (!(await isOver())) await delay(POLL_MS);
      const { rows } = await client.query<{ coupons: string; seconds: string }>(
        `select count(*) as coupons, extract(epoch from max(at) - min(at)) as seconds from coupon.coupon_history
          where kind = 'EXPIRED' and coupon_id >= $1 and coupon_id < $2`,
        ids,
      );
      return { coupons: Number(rows[0]?.coupons), seconds: Number(rows[0]?.seconds) };
    },
  };
}
