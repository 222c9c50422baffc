import type { Database } from '../../../../../platform/postgres/database.ts';
import { inTransaction } from '../../../../../platform/postgres/transaction.ts';
import type { ClaimedCodes } from '../../../application/directory/ports.ts';
import { SHARED_CODE_IS_FREE } from '../codes/stored-codes.ts';

const POLICIES = 'select code, policy_id as "policyId" from coupon.coupon_codes where code = any($1::text[])';

// In the order of the codes, as all who write codes. A row of another shard has no place: its shard lists the codes.
const CLAIM = `
  insert into coupon.coupon_codes as coupon_codes (code, shown, policy_id, job_id, claimed_at)
  select code, shown, $3, $4, now() from unnest($1::text[], $2::text[]) as new(code, shown) order by code
  on conflict (code) do update set policy_id = excluded.policy_id, shown = excluded.shown, claimed_at = excluded.claimed_at
  where $4::bigint is null and ${SHARED_CODE_IS_FREE}`;
const TAKEN = 'select code from coupon.coupon_codes where code = any($1::text[]) and policy_id <> $2';

const FREE = `
  delete from coupon.coupon_codes
  where code = $1 and policy_id = $2 and job_id is null and claimed_at <= now() - $3 * interval '1 ms'`;

/** A step of a job claims 10,000 codes. */
export const postgresClaimedCodes = ({ pool }: Pick<Database, 'pool'>): ClaimedCodes => ({
  async policiesOf(codes) {
    const { rows } = await pool.query<{ code: string; policyId: bigint }>(POLICIES, [codes]);
    return new Map(rows.map(({ code, policyId }) => [code, policyId]));
  },
  claim: ({ policyId, jobId }, codes) =>
    inTransaction(pool, async (client) => {
      const wanted = codes.map(({ code }) => code);
      await client.query(CLAIM, [wanted, codes.map(({ shown }) => shown), policyId, jobId ?? null]);
      // A separate statement: it sees what another transaction committed while the first one waited for it.
      const { rows } = await client.query<{ code: string }>(TAKEN, [wanted, policyId]);
      return rows.map(({ code }) => code);
    }),
  async free(code, policyId, ageMs) {
    const { rowCount } = await pool.query(FREE, [code, policyId, ageMs]);
    return rowCount === 1;
  },
});
