import { setTimeout as delay } from 'node:timers/promises';
import { ratioOf, type Spread, spreadOf } from '../support/statistics.ts';
import { startSystem } from '../support/system.ts';
import type { Fixture } from './fixture.ts';
import type { BenchOptions } from './options.ts';
import { createPolicies, readStored } from './policies.ts';

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
