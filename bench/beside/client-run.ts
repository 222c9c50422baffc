/** The probes of bench/beside, or one of the loads beside them: processes of their own. The probes print `RESULT {json}`, a load `LOADING`. */

import { createPolicy } from '../../src/commands/rush/coupon/create-policy.ts';
import { issueProfile } from '../../src/commands/rush/coupon/issue-profile.ts';
import { percentilesOf } from '../../src/commands/rush/figures.ts';
import { accessTokens } from '../../src/platform/http/access-token.ts';
import { openLoop } from '../overload/open-loop.ts';
import { type BesideName, startLoad } from './loads.ts';
import { reservationProfiles } from './reservations.ts';

export interface ProbeSpec {
  readonly url: string;
  readonly jwtSecret: string;
  readonly seconds: number;
  /** Other users in every run. */
  readonly firstUser: string;
}

export interface LoadSpec extends ProbeSpec {
  readonly load: BesideName;
  /** Requests a second of a load that sends some. */
  readonly perSecond: number;
}

/** Milliseconds from when a request was due to its response. */
export interface ProbeFigures {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Requests without a 2xx. */
  readonly failed: number;
}
export type ProbeName = 'issue' | 'confirm' | 'release';

/** Little beside what a server can do, and enough for a p99. */
const PER_SECOND = { issue: 200, confirm: 100, release: 100 } as const;
const CONNECTIONS = 64;

const spec = JSON.parse(process.argv[2] ?? '') as ProbeSpec | LoadSpec;
if ('load' in spec) {
  await startLoad(spec);
  console.log('LOADING');
} else console.log(`RESULT ${JSON.stringify(await probe(spec))}`);

async function probe({
  url: text,
  jwtSecret,
  seconds,
  firstUser,
}: ProbeSpec): Promise<Record<ProbeName, ProbeFigures>> {
  const url = new URL(text);
  const tokens = accessTokens(jwtSecret, Date.now);
  const nowMs = Date.now();
  const first = BigInt(firstUser);
  const users = PER_SECOND.issue * seconds;
  const policyId = await createPolicy(url, tokens, users, nowMs);
  const issue = issueProfile({ url, policyId, users, firstUser: first }, tokens, nowMs);
  const reserved = { url, tokens, nowMs, firstUser: first + BigInt(users) };
  const { confirm, release } = await reservationProfiles({
    ...reserved,
    confirmed: PER_SECOND.confirm * seconds,
    released: PER_SECOND.release * seconds,
  });
  const profiles = { issue, confirm, release };
  const figures = Object.entries(profiles).map(async ([name, profile]) => {
    const perSecond = PER_SECOND[name as ProbeName];
    const arrivals = await openLoop({ profile, url, connections: CONNECTIONS, phases: [{ perSecond, seconds }] });
    const done = arrivals.filter(({ status }) => status !== undefined && status < 300);
    const { p50, p95, p99 } = percentilesOf(done.map(({ respondedMs, dueMs }) => respondedMs - dueMs));
    return [name, { p50, p95, p99, failed: arrivals.length - done.length }] as const;
  });
  return Object.fromEntries(await Promise.all(figures)) as Record<ProbeName, ProbeFigures>;
}
