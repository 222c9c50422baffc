/** The load generator of bench/overload, a process of its own so that it can be pinned to a core. Prints `RESULT {json}`. */
import { setTimeout as delay } from 'node:timers/promises';
import { adminOf } from '../../src/commands/rush/admin.ts';
import { prepareCheckouts } from '../../src/commands/rush/checkout/prepare-checkouts.ts';
import { createPolicy } from '../../src/commands/rush/coupon/create-policy.ts';
import { issueProfile } from '../../src/commands/rush/coupon/issue-profile.ts';
import type { LoadProfile } from '../../src/commands/rush/load-profile.ts';
import { buyerProfile } from '../../src/commands/rush/timesale/buyer-profile.ts';
import { openTimeSale } from '../../src/commands/rush/timesale/open-time-sale.ts';
import { accessTokens } from '../../src/platform/http/access-token.ts';
import { openLoop, type Phase } from './open-loop.ts';
import { figuresOf } from './phase-figures.ts';

export type Kind = 'issue' | 'orders' | 'checkouts';

export interface ClientSpec {
  readonly kind: Kind;
  readonly url: string;
  readonly jwtSecret: string;
  readonly connections: number;
  readonly phases: readonly Phase[];
  /** Other users in every run. */
  readonly firstUser: string;
}

/** Connections that prepare a load: charge points, for example. */
const PREPARING = 128;
/** Waits until the writes of the preparation are flushed and its events are delivered, before the load begins. */
const QUIET_MS = 1_500;

const spec = JSON.parse(process.argv[2] ?? '') as ClientSpec;
const url = new URL(spec.url);
const users = spec.phases.reduce((sum, { perSecond, seconds }) => sum + Math.ceil(perSecond * seconds), 0);
const profile = await profileOf(spec.kind);
await delay(QUIET_MS);
const cpu = process.cpuUsage();
const arrivals = await openLoop({ profile, url, connections: spec.connections, phases: spec.phases });
const { user, system } = process.cpuUsage(cpu);
const figures = figuresOf(arrivals, spec.phases);
console.log(`RESULT ${JSON.stringify({ phases: figures, cpuSeconds: (user + system) / 1e6 })}`);

/** Users who request something with enough stock for every user. */
async function profileOf(kind: Kind): Promise<LoadProfile<unknown>> {
  const nowMs = Date.now();
  const tokens = accessTokens(spec.jwtSecret, Date.now);
  const common = { url, users, firstUser: BigInt(spec.firstUser) };
  if (kind === 'issue') {
    const policyId = await createPolicy(url, tokens, users, nowMs);
    return issueProfile({ ...common, policyId }, tokens, nowMs);
  }
  if (kind === 'orders') {
    const post = adminOf(url, tokens, nowMs);
    const timeSaleId = await openTimeSale(post, { units: 2 * users, limitPerUser: 2, nowMs });
    return buyerProfile({ ...common, timeSaleId }, tokens, nowMs);
  }
  const prepared = { ...common, tokens, nowMs, connections: PREPARING, couponUsers: 0 };
  return (await prepareCheckouts(prepared)).profile;
}
