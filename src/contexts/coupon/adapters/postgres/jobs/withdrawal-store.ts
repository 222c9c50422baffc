import type { Database } from '../../../../../platform/postgres/database.ts';
import { inTransaction } from '../../../../../platform/postgres/transaction.ts';
import type { UnusedCoupon, WithdrawalStore } from '../../../application/jobs/ports.ts';
import { advanceJob, lockJob, progressAfter, requireLease } from './job-step.ts';

const LAST = 'select last_sequence_no as last from coupon.coupon_policies where id = $1';
const UNUSED = `
  select id as "couponId", sequence_no as "sequenceNo" from coupon.coupon_issues
  where policy_id = $1 and sequence_no > $2 and sequence_no <= $3 and status in ('ISSUED', 'RESERVED') order by sequence_no`;

export const postgresWithdrawalStore = ({ pool }: Pick<Database, 'pool'>): WithdrawalStore => ({
  async lastSequenceNo(policyId) {
    return (await pool.query<{ last: number }>(LAST, [policyId])).rows[0]?.last ?? 0;
  },
  async unused(policyId, after, to) {
    return (await pool.query<UnusedCoupon>(UNUSED, [policyId, after, to])).rows;
  },
  advance: (job, rows, errors) =>
    inTransaction(pool, async (client) => {
      const { text, values } = lockJob(job);
      requireLease(await client.query(text, [...values]));
      for (const statement of advanceJob(job, rows, errors)) await client.query(statement.text, [...statement.values]);
      return progressAfter(job, rows, errors);
    }),
});
