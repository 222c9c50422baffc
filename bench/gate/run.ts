/**
 * What do facts in Redis save, and what do they cost? Two whole programs on one PostgreSQL with the gate, and two without it, in alternation: a hot policy
 * that is being issued, the same when it is sold out, and many sold-out policies of which each is requested about once a second at each node. What is
 * compared is the CPU of both nodes, PostgreSQL and Redis for 1,000 requests.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { accessTokens, validFor } from '../../src/platform/http/access-token.ts';
import { mapConcurrent } from '../../src/platform/kernel/map-concurrent.ts';
import { openTemporaryDir } from '../../test/support/open-temporary-dir.ts';
import { redisVersion, startRedis } from '../issue/redis.ts';
import { type Child, closeOnSignal, stopChildren } from '../support/child.ts';
import { cpuOf, cpuOfChildren } from '../support/cpu.ts';
import { describeMachine } from '../support/machine.ts';
import { readMetrics, rise } from '../support/metrics.ts';
import { onFreshDatabase, postmasterOf } from '../support/postgres.ts';
import { rotated } from '../support/rotated.ts';
import { ratioOf, spreadOf } from '../support/statistics.ts';
import { startSystem } from '../support/system.ts';
import { type LoadResult, sendLoad } from './load.ts';

const JWT_SECRET = 'bench-gate-bench-gate-bench-gate-bench';
const MODES = ['off', 'on'] as const;
type Mode = (typeof MODES)[number];
const SECTIONS = ['issuing', 'sold out', 'trickle'] as const;
type Section = (typeof SECTIONS)[number];
/** Requests a second for the policies of the trickle: of each of them 2, over both nodes. */
const TRICKLE_RATE = 300;
const TRICKLE_POLICIES = 150;
const CONCURRENCY = 128;

interface Taken extends LoadResult {
  readonly section: Section;
  readonly mode: Mode;
  readonly round: number;
  /** CPU milliseconds for 1,000 requests. */
  readonly cpuMs: { readonly nodes: number; readonly postgres: number; readonly redis: number; readonly all: number };
  /** Of 1,000 requests, for how many there was a fact in Redis. */
  readonly found: number;
}

const options = new Command('bench:gate')
  .option('--seconds <n>', 'load of one measurement', Number, 6)
  .option('--rounds <n>', 'each mode once a round', Number, 3)
  .option('--out <dir>', 'where the results go', 'docs/bench')
  .parse()
  .opts<{ seconds: number; rounds: number; out: string }>();
const tokens = accessTokens(JWT_SECRET, Date.now);
const tokenOf = (user: number, role: 'CUSTOMER' | 'ADMIN' = 'CUSTOMER'): string =>
  tokens.sign({ sub: String(user), role, ...validFor(3_600, Date.now()) });
const ADMIN = tokenOf(1, 'ADMIN');
let nextUser = 10;

const [loadBefore] = loadavg();
const redisAt = redisVersion();
if (redisAt === undefined) throw new Error('there is no redis-server (Debian: apt-get install redis-server)');
closeOnSignal(async () => {});
await onFreshDatabase('gate', async (databaseUrl) => {
  const workDir = openTemporaryDir('stampede-bench-gate-');
  try {
    await run(databaseUrl, workDir);
  } finally {
    await stopChildren();
    await rm(workDir, { recursive: true, force: true });
  }
});

async function run(databaseUrl: string, workDir: string): Promise<void> {
  const redis = await startRedis(workDir);
  const start = (mode: Mode): Promise<Child> => {
    const env = { STAMPEDE_RATE_LIMIT: 'off', LOG_LEVEL: 'error', REDIS_URL: redis.url, REDIS_GATE: mode };
    return startSystem({ databaseUrl, jwtSecret: JWT_SECRET, workDir, env });
  };
  const nodes: Record<Mode, Child[]> = {
    off: [await start('off'), await start('off')],
    on: [await start('on'), await start('on')],
  };
  const first = nodes.off[0] as Child;
  const many = await mapConcurrent(Array.from({ length: TRICKLE_POLICIES }), 16, () => soldOutPolicy(first));
  const hot = await soldOutPolicy(first);
  const postmaster = await postmasterOf(databaseUrl);
  const taken: Taken[] = [];
  for (let round = 0; round < options.rounds; round++) {
    for (const section of SECTIONS) {
      for (const mode of rotated(MODES, round)) {
        const figures = await measure(section, nodes[mode], redis, postmaster, { hot, many });
        taken.push({ ...figures, section, mode, round });
        say({ ...figures, section, mode, round });
      }
    }
  }
  const machine = await describeMachine(databaseUrl, 'undici', redisAt);
  await mkdir(options.out, { recursive: true });
  const result = { ranAt: new Date().toISOString(), machine, loadBefore, ...options, measurements: taken };
  await writeFile(join(options.out, 'gate.json'), `${JSON.stringify(result, undefined, 2)}\n`);
  report(taken);
}

interface Policies {
  readonly hot: string;
  readonly many: readonly string[];
}

async function measure(
  section: Section,
  nodes: readonly Child[],
  redis: Child,
  postmaster: number | undefined,
  policies: Policies,
) {
  const open = section === 'issuing' ? await createPolicy(nodes[0] as Child, 10_000_000) : policies.hot;
  let turn = 0;
  // Signed before: this process shares the cores.
  const users = Array.from({ length: 4_000 }, () => tokenOf(nextUser++));
  const policyOf = (): string =>
    section === 'trickle' ? (policies.many[Math.floor(Math.random() * policies.many.length)] as string) : open;
  const load = {
    urls: nodes.map(({ url }) => url),
    concurrency: CONCURRENCY,
    rate: section === 'trickle' ? TRICKLE_RATE : undefined,
    expected: section === 'issuing' ? 201 : 410,
    next: () => ({
      policyId: policyOf(),
      // A user gets one coupon of the open policy.
      token: section === 'issuing' ? tokenOf(nextUser++) : (users[turn++ % users.length] as string),
    }),
  };
  await sendLoad({ ...load, seconds: 1.5 });
  const before = await sample(nodes, redis, postmaster);
  const result = await sendLoad({ ...load, seconds: options.seconds });
  const after = await sample(nodes, redis, postmaster);
  const per = (seconds: number): number => Number(((seconds * 1e6) / result.requests).toFixed(1));
  const cpu = (part: 'nodes' | 'postgres' | 'redis'): number => per(after[part] - before[part]);
  const cpuMs = { nodes: cpu('nodes'), postgres: cpu('postgres'), redis: cpu('redis') };
  const found = nodes.reduce((sum, _, index) => {
    const [from, to] = [before.metrics[index], after.metrics[index]];
    return from && to ? sum + rise(from, to, 'stampede_redis_facts_total', 'found') : sum;
  }, 0);
  return {
    ...result,
    cpuMs: { ...cpuMs, all: Number((cpuMs.nodes + cpuMs.postgres + cpuMs.redis).toFixed(1)) },
    found: Math.round((found * 1_000) / result.requests),
  };
}

async function sample(nodes: readonly Child[], redis: Child, postmaster: number | undefined) {
  return {
    nodes: nodes.reduce((sum, { pid }) => sum + (cpuOf(pid) ?? 0), 0),
    postgres: cpuOfChildren(postmaster) ?? 0,
    redis: cpuOf(redis.pid) ?? 0,
    metrics: await Promise.all(nodes.map(({ url }) => readMetrics(url))),
  };
}

async function call(node: Child, path: string, token: string, body: object | undefined, expected: number) {
  const response = await fetch(`${node.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const json = (await response.json()) as Record<string, string>;
  if (response.status !== expected) throw new Error(`${path}: ${response.status} ${JSON.stringify(json)}`);
  return json;
}

async function createPolicy(node: Child, maxIssueCount: number): Promise<string> {
  const policy = {
    name: 'Bench',
    discountType: 'FIXED_AMOUNT',
    discountValue: 1_000,
    distributionType: 'FIRST_COME',
    maxIssueCount,
    validDays: 7,
    validFrom: new Date(Date.now() - 60_000).toISOString(),
    validUntil: new Date(Date.now() + 3_600_000).toISOString(),
  };
  return (await call(node, 'coupon-policies', ADMIN, policy, 201))['couponPolicyId'] ?? '';
}

async function soldOutPolicy(node: Child): Promise<string> {
  const id = await createPolicy(node, 1);
  await call(node, `coupons/policies/${id}/issue`, tokenOf(nextUser++), undefined, 201);
  return id;
}

function say({ round, section, mode, requests, seconds, p50Ms, p99Ms, cpuMs, found, others }: Taken): void {
  const rate = `${(requests / seconds).toFixed(0).padStart(6)}/s`;
  const cpu = `CPU ms for 1,000: nodes ${cpuMs.nodes}, PostgreSQL ${cpuMs.postgres}, Redis ${cpuMs.redis}`;
  const bad = Object.keys(others).length === 0 ? '' : `  OTHERS ${JSON.stringify(others)}`;
  console.log(
    `round ${round + 1}  ${section.padEnd(8)} ${mode.padEnd(3)} ${rate}, p50 ${p50Ms.toFixed(2)} p99 ${p99Ms.toFixed(2)} ms, ${cpu}; facts found for ${found}${bad}`,
  );
}

function report(taken: readonly Taken[]): void {
  console.log('\nthe gate on, as a multiple of off: median (least to most)');
  for (const section of SECTIONS) {
    const of = (mode: Mode) => taken.filter((each) => each.section === section && each.mode === mode);
    const ratio = (figure: (each: Taken) => number): string => {
      const spread = ratioOf(of('on').map(figure), of('off').map(figure)) ?? spreadOf([Number.NaN]);
      return `${spread.median.toFixed(2)} (${spread.min.toFixed(2)} to ${spread.max.toFixed(2)})`;
    };
    const figures = [
      ['requests/s', ratio(({ requests, seconds }) => requests / seconds)],
      ['CPU of all', ratio(({ cpuMs }) => cpuMs.all)],
      ['CPU of nodes', ratio(({ cpuMs }) => cpuMs.nodes)],
      ['CPU of PostgreSQL', ratio(({ cpuMs }) => cpuMs.postgres)],
      ['p50', ratio(({ p50Ms }) => p50Ms)],
    ];
    console.log(`${section.padEnd(9)}${figures.map(([name, value]) => `${name} ${value}`).join(', ')}`);
  }
}
