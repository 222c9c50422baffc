import { setTimeout as delay } from 'node:timers/promises';
import { createPolicy } from '../../src/commands/rush/coupon/create-policy.ts';
import { accessTokens } from '../../src/platform/http/access-token.ts';
import { asAdmin } from '../support/postgres.ts';
import { ratioOf, type Spread, spreadOf } from '../support/statistics.ts';
import { startSystem } from '../support/system.ts';
import { UNSOLD } from './candidates.ts';
import type { Fixture } from './fixture.ts';
import type { BenchOptions } from './options.ts';
import { readStored } from './policies.ts';

export interface PoliciesSection {
  readonly ranAt: string;
  readonly policies: number;
  readonly connections: number;
  readonly oneHot: Spread;
  readonly many: Spread;
  /** many / oneHot, round by round. */
  readonly ratio: Spread | undefined;
  readonly faults: readonly string[];
}

/** Requests spread evenly over many policies, compared with all requests on one. */
export async function runPolicies(
  fixture: Fixture,
  options: BenchOptions,
  count: number,
  say: (line: string) => void,
): Promise<PoliciesSection> {
  const databaseUrl = await fixture.createDatabase('policies');
  const faults: string[] = [];
  const hot: number[] = [];
  const many: number[] = [];
  const measure = async (spread: number): Promise<number> => {
    const system = await startSystem({ ...fixture, databaseUrl });
    try {
      const warm = await createPolicies(system.url, fixture.jwtSecret, databaseUrl, spread);
      const measured = await createPolicies(system.url, fixture.jwtSecret, databaseUrl, spread);
      const load = { url: system.url, connections: options.connections, repeats: false };
      await fixture.load.send({ ...load, policyIds: warm, tokens: fixture.warmTokens, seconds: options.warmSeconds });
      const result = await fixture.load.send({
        ...load,
        policyIds: measured,
        tokens: fixture.tokens,
        seconds: options.seconds,
      });
      await delay(500);
      const stored = await readStored(databaseUrl, 'coupon', measured, { counts: true });
      const issued = result.requests - result.refused;
      const unseen = stored.coupons - issued;
      if (!stored.isExact || unseen < 0 || unseen > options.connections || result.refused + result.broken > 0) {
        faults.push(
          `${spread} policies: ${issued} acknowledged, ${stored.coupons} stored, ${result.refused} refused, ${result.broken} broken`,
        );
      }
      return issued / result.seconds;
    } finally {
      await system.stop();
    }
  };
  for (let round = 0; round < options.rounds; round++) {
    hot.push(await measure(1));
    many.push(await measure(count));
    say(
      `round ${round + 1}  one hot ${Math.round(hot.at(-1) ?? 0)}/s, ${count} policies ${Math.round(many.at(-1) ?? 0)}/s`,
    );
  }
  const { connections } = options;
  const ranAt = new Date().toISOString();
  return {
    ranAt,
    policies: count,
    connections,
    oneHot: spreadOf(hot),
    many: spreadOf(many),
    ratio: ratioOf(many, hot),
    faults,
  };
}

/** Creates one policy over HTTP, and the others as copies of its row: the rate limit of an admin would take hours. */
async function createPolicies(
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
