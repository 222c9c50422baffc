import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { sendJob } from '../support/send-job.ts';

const JOB = 'notification.remind-of-expiry';
const PER_POLICY = 100_000;
const POLL_MS = 500;
const DAYS_AHEAD = 3;

/**
 * Unused coupons of different users. The first `due` expire within a day, three days from now; the others between 10 days and a year ahead, at one moment
 * for each policy. `template` is any policy.
 */
export async function fillCoupons(client: pg.Client, template: string, coupons: number, due: number): Promise<void> {
  await client.query(
    `insert into coupon.coupon_policies
     select (jsonb_populate_record(p, jsonb_build_object('id', n, 'status', 'ENDED', 'code', null,
              'max_issue_count', ${PER_POLICY}, 'current_issue_count', ${PER_POLICY}, 'last_sequence_no', ${PER_POLICY}))).*
       from coupon.coupon_policies p, generate_series(1, ceil($2::numeric / ${PER_POLICY})::int) n
      where p.id = $1::bigint`,
    [template, coupons],
  );
  await client.query(
    `insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at)
     select 10000000 + s, 1 + s / ${PER_POLICY}, 1 + s * 2654435761 % 4294967296, 1 + s % ${PER_POLICY}, 0,
            now() - interval '30 days',
            case when s < $2 then date_trunc('day', now() at time zone 'Asia/Seoul') at time zone 'Asia/Seoul'
                + interval '${DAYS_AHEAD} days 12 hours'
              else now() + interval '10 days' + (s / ${PER_POLICY} % 350) * interval '1 day' end
       from generate_series(0, $1::bigint - 1) s`,
    [coupons, due],
  );
  await client.query('vacuum analyze coupon.coupon_issues');
}

const COUNT = `select count(*)::int as reminders from notification.notices where kind = 'COUPON_EXPIRING'`;

export interface Reminding {
  isOver(): Promise<boolean>;
  /** Resolves when all are reminded: after how many seconds. */
  finished(): Promise<number>;
}

/** Makes the running server remind the users of `due` coupons, who have no notices yet. */
export async function startReminding(client: pg.Client, databaseUrl: string, due: number): Promise<Reminding> {
  await client.query('truncate notification.notices, notification.inboxes, notification.delivery_batches');
  const startedMs = performance.now();
  await sendJob(databaseUrl, JOB);
  const isOver = async (): Promise<boolean> => (await client.query(COUNT)).rows[0].reminders >= due;
  return {
    isOver,
    async finished() {
      while (!(await isOver())) await delay(POLL_MS);
      return (performance.now() - startedMs) / 1_000;
    },
  };
}
