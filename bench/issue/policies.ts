import { createPolicy } from '../../src/commands/rush/coupon/create-policy.ts';
import { accessTokens } from '../../src/platform/http/access-token.ts';
import { asAdmin } from '../support/postgres.ts';
import { createBaselinePolicy } from './baselines/schema.ts';
import { type Candidate, UNSOLD } from './candidates.ts';

/** A fresh policy for one load of a candidate, with nothing issued under it. */
export async function freshPolicy(
  { store }: Candidate,
  place: { readonly url: string; readonly databaseUrl: string; readonly jwtSecret: string },
  coupons = UNSOLD,
): Promise<string> {
  if (store === 'none') return '1';
  if (store === 'bench') return asAdmin(place.databaseUrl, (client) => createBaselinePolicy(client, coupons));
  return createPolicy(new URL(place.url), accessTokens(place.jwtSecret, Date.now), coupons, Date.now());
}

/** Creates one policy over HTTP, and the others as copies of its row: the rate limit of an admin would take hours. */
export async function createPolicies(
  url: string,
  jwtSecret: string,
  databaseUrl: string,
  count: number,
): Promise<readonly string[]> {
  const first = await createPolicy(new URL(url), accessTokens(jwtSecret, Date.now), UNSOLD, Date.now());
  if (count === 1) return [first];
  const copies = await asAdmin(databaseUrl, (client) =>
    client.query<{ id: string }>(
      `insert into coupon.coupon_policies
       select (jsonb_populate_record(p, jsonb_build_object('id', p.id + n))).*
         from coupon.coupon_policies p, generate_series(1, $2::int) n where p.id = $1::bigint
       returning id::text`,
      [first, count - 1],
    ),
  );
  return [first, ...copies.rows.map(({ id }) => id)];
}

/** What the database holds under policies. */
export interface Stored {
  readonly coupons: number;
  /** Coupons, users, sequence numbers 1..n and the policy's own count agree, for each policy. */
  readonly isExact: boolean;
}

const TABLES = {
  bench: { coupons: 'bench.coupons', policies: 'bench.policies' },
  coupon: { coupons: 'coupon.coupon_issues', policies: 'coupon.coupon_policies' },
} as const;

/** `counts: false` for the Redis gate, which keeps its count outside the database. */
export async function readStored(
  databaseUrl: string,
  store: 'bench' | 'coupon',
  policyIds: readonly string[],
  options: { readonly counts: boolean },
): Promise<Stored> {
  const { coupons, policies } = TABLES[store];
  const found = await asAdmin(databaseUrl, (client) =>
    client.query<{ coupons: string; wrong: string }>(
      `with issued as (
         select policy_id, count(*) as n, count(distinct user_id) as users, min(sequence_no) as low, max(sequence_no) as high,
                count(distinct sequence_no) as numbers
           from ${coupons} where policy_id = any($1::bigint[]) group by policy_id)
       select coalesce(sum(n), 0)::text as coupons,
              count(*) filter (where users <> n or numbers <> n or low <> 1 or high <> n
                                  or ($2 and p.current_issue_count <> n))::text as wrong
         from issued join ${policies} p on p.id = policy_id`,
      [policyIds, options.counts],
    ),
  );
  const [row] = found.rows;
  return { coupons: Number(row?.coupons ?? 0), isExact: row?.wrong === '0' };
}
