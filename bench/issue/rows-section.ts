import { createPolicy } from '../../src/commands/rush/coupon/create-policy.ts';
import { accessTokens } from '../../src/platform/http/access-token.ts';
import { asAdmin } from '../support/postgres.ts';
import { ratioOf, type Spread, spreadOf } from '../support/statistics.ts';
import { startSystem } from '../support/system.ts';
import { CANDIDATES } from './candidates.ts';
import type { Fixture } from './fixture.ts';
import { runMeasurement } from './measurement.ts';
import type { BenchOptions } from './options.ts';

export interface RowsSection {
  readonly ranAt: string;
  readonly rows: number;
  readonly connections: number;
  readonly empty: Spread;
  readonly filled: Spread;
  /** filled / empty, round by round. */
  readonly ratio: Spread | undefined;
  readonly faults: readonly string[];
}

const PER_POLICY = 10_000;

/** Issuing into a table with many coupons, compared with issuing into an empty one. */
export async function runRows(
  fixture: Fixture,
  options: BenchOptions,
  rows: number,
  say: (line: string) => void,
): Promise<RowsSection> {
  const candidate = CANDIDATES.find(({ id }) => id === 'c');
  if (candidate === undefined) throw new Error('no candidate c');
  const emptyUrl = await fixture.createDatabase('empty');
  const filledUrl = await fixture.createDatabase('filled');
  await fill(fixture, filledUrl, rows);
  say(`filled ${rows} coupons`);
  const faults: string[] = [];
  const { connections, seconds, warmSeconds } = options;
  const measure = async (databaseUrl: string): Promise<number> => {
    const measurement = await runMeasurement(candidate, fixture, databaseUrl, {
      connections,
      seconds,
      warmSeconds,
      poolMax: 1,
    });
    if (measurement.fault !== undefined) faults.push(measurement.fault);
    return measurement.perSecond;
  };
  const empty: number[] = [];
  const filled: number[] = [];
  for (let round = 0; round < options.rounds; round++) {
    empty.push(await measure(emptyUrl));
    filled.push(await measure(filledUrl));
    say(`round ${round + 1}  empty ${Math.round(empty.at(-1) ?? 0)}/s, filled ${Math.round(filled.at(-1) ?? 0)}/s`);
  }
  const ranAt = new Date().toISOString();
  return {
    ranAt,
    rows,
    connections,
    empty: spreadOf(empty),
    filled: spreadOf(filled),
    ratio: ratioOf(filled, empty),
    faults,
  };
}

/**
 * Sold-out policies of 10,000 coupons each, as issuing would have left them: numbers 1 to n, the policy's count. Users are
 * scattered by a multiplication modulo 2^32, which gives each number once, so that the index on users is as wide as in life.
 */
async function fill(fixture: Fixture, databaseUrl: string, rows: number): Promise<void> {
  const system = await startSystem({ ...fixture, databaseUrl });
  const tokens = accessTokens(fixture.jwtSecret, Date.now);
  const template = await createPolicy(new URL(system.url), tokens, PER_POLICY, Date.now()).finally(() => system.stop());
  const policies = Math.ceil(rows / PER_POLICY);
  await asAdmin(databaseUrl, async (client) => {
    await client.query(
      `insert into coupon.coupon_policies
       select (jsonb_populate_record(p, jsonb_build_object('id', n, 'status', 'EXHAUSTED',
                'current_issue_count', p.max_issue_count, 'last_sequence_no', p.max_issue_count))).*
         from coupon.coupon_policies p, generate_series(1, $2::int) n where p.id = $1::bigint`,
      [template, policies],
    );
    await client.query(
      `insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at)
       select (p - 1) * ${PER_POLICY} + s, p, 1 + ((p - 1) * ${PER_POLICY} + s) * 2654435761 % 4294967296, s, 0,
              now(), now() + interval '30 days'
         from generate_series(1, $1::bigint) p, generate_series(1, ${PER_POLICY}) s`,
      [policies],
    );
    await client.query('vacuum analyze coupon.coupon_issues');
  });
}
