import { join } from 'node:path';
import { adminOf } from '../../src/commands/rush/admin.ts';
import { createPolicy } from '../../src/commands/rush/coupon/create-policy.ts';
import { issueProfile } from '../../src/commands/rush/coupon/issue-profile.ts';
import type { LoadProfile } from '../../src/commands/rush/load-profile.ts';
import { sendAll } from '../../src/commands/rush/send-all.ts';
import { buyerProfile } from '../../src/commands/rush/timesale/buyer-profile.ts';
import { openTimeSale } from '../../src/commands/rush/timesale/open-time-sale.ts';
import { accessTokens } from '../../src/platform/http/access-token.ts';
import { startSystem } from '../support/system.ts';
import { type CpuUs, withCpu } from '../support/with-cpu.ts';
import { runWrk, type WrkResult } from '../support/wrk.ts';
import type { Fixture } from './fixture.ts';

/** The source of refusals: a policy without coupons, or a time sale without units. */
export type Refuser = 'coupon' | 'time sale';

export interface RefusalMeasurement {
  readonly refuser: Refuser;
  readonly round: number;
  /** Requests a second that were refused as sold out. */
  readonly perSecond: number;
  readonly p99Ms: number;
  /** A refusal. */
  readonly cpuUs: CpuUs;
}

interface RefusalOptions {
  readonly connections: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly onMeasurement: (measurement: RefusalMeasurement) => void;
}

const THERE = 100;
const FIRST_BUYER = 3_000_000_000_000n;
const WARM_SECONDS = 2;

/** The refusals of a policy and of a time sale that are sold out, of one server, in turns. */
export const refusalsSection = (fixture: Fixture, options: RefusalOptions): Promise<void> =>
  fixture.onDatabase(async (databaseUrl) => {
    const { workDir, jwtSecret } = fixture;
    const child = await startSystem({ workDir, jwtSecret, databaseUrl, env: { STAMPEDE_RATE_LIMIT: 'off' } });
    try {
      const sold = await sellOut(new URL(child.url), jwtSecret, fixture);
      for (let round = 0; round <= options.rounds; round++) {
        for (const [refuser, { script, args }] of round % 2 === 0 ? sold : sold.toReversed()) {
          const seconds = round === 0 ? WARM_SECONDS : options.seconds;
          const load = { url: child.url, connections: options.connections, seconds, script, args };
          const { result, cpuUs } = await withCpu(child.pid, databaseUrl, () => runWrk(load));
          if (round > 0)
            options.onMeasurement({ refuser, round, ...rateOf(result, seconds), cpuUs: cpuUs(result.requests) });
        }
      }
    } finally {
      await child.stop();
    }
  });

/** wrk counts refusals as faults, and every response is a refusal. */
const rateOf = ({ requests, faults, p99Ms }: WrkResult, seconds: number) => {
  if (faults < requests) throw new Error(`${requests - faults} of ${requests} requests were not refused`);
  return { perSecond: requests / seconds, p99Ms };
};

interface Load {
  readonly script: string;
  readonly args: readonly string[];
}

async function sellOut(url: URL, jwtSecret: string, fixture: Fixture): Promise<readonly (readonly [Refuser, Load])[]> {
  const nowMs = Date.now();
  const tokens = accessTokens(jwtSecret, Date.now);
  const policyId = await createPolicy(url, tokens, THERE, nowMs);
  const post = adminOf(url, tokens, nowMs);
  const timeSaleId = await openTimeSale(post, { units: THERE, limitPerUser: 1, nowMs });
  const buyers = { url, users: 2 * THERE, firstUser: FIRST_BUYER };
  await everybody(issueProfile({ ...buyers, policyId }, tokens, nowMs), url);
  await everybody(buyerProfile({ ...buyers, timeSaleId }, tokens, nowMs), url);
  const coupon = { script: join(import.meta.dirname, 'load-issue.lua'), args: [`${fixture.tokens}.1`, policyId] };
  const sale = { script: join(import.meta.dirname, 'load.lua'), args: [`${fixture.tokens}.1`, timeSaleId, 'k'] };
  return [
    ['coupon', coupon],
    ['time sale', sale],
  ];
}

const everybody = (profile: LoadProfile<unknown>, url: URL): Promise<unknown> =>
  sendAll(profile, { urls: [url], connections: 16 });
