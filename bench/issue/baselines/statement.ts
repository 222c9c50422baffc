import { type CouponRow, isDuplicate, issuedFrom, openPool } from './rows.ts';
import { type Baseline, serve } from './serve.ts';

/** (f): one statement a request, which is one flight: a conditional UPDATE that feeds the INSERT. */
const ISSUE = `
  with taken as (
    update bench.policies set current_issue_count = current_issue_count + 1
     where id = $1 and current_issue_count < max_issue_count and now() >= valid_from and now() < valid_until
    returning current_issue_count, valid_days)
  insert into bench.coupons (policy_id, user_id, sequence_no, expires_at)
  select $1, $2, current_issue_count, now() + valid_days * interval '1 day' from taken
  returning id::text, sequence_no, issued_at, expires_at`;

const pool = await openPool();
const statement: Baseline = {
  async issue(policyId, userId) {
    try {
      const response = await pool.query<CouponRow>({ name: 'issue', text: ISSUE, values: [policyId, userId] });
      const [row] = response.rows;
      return row === undefined ? { kind: 'sold-out' } : issuedFrom(row);
    } catch (error) {
      if (isDuplicate(error)) return { kind: 'already-issued' };
      throw error;
    }
  },
  stop: () => pool.end(),
};
await serve(statement);
