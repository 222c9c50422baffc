/**
 * What does a cache of public reads save? Two whole programs on one PostgreSQL, one with PUBLIC_READ_MAX_AGE=1 and one without a cache, in alternation, for
 * each of the public reads that shops ask for most. What is compared is the CPU of the program and of PostgreSQL for 1,000 requests.
 */
import { rm } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { accessTokens, validFor } from '../../src/platform/http/access-token.ts';
import { mapConcurrent } from '../../src/platform/kernel/map-concurrent.ts';
import { openTemporaryDir } from '../../test/support/open-temporary-dir.ts';
import { type Child, closeOnSignal, stopChildren } from '../support/child.ts';
import { cpuOf, cpuOfChildren } from '../support/cpu.ts';
import { onFreshDatabase, postmasterOf } from '../support/postgres.ts';
import { rotated } from '../support/rotated.ts';
import { ratioOf, spreadOf } from '../support/statistics.ts';
import { startSystem } from '../support/system.ts';

const JWT_SECRET = 'bench-reads-bench-reads-bench-reads-bench';
const MODES = ['read', 'cached'] as const;
type Mode = (typeof MODES)[number];
const CONCURRENCY = 32;
const POLICIES = 100;
const UNLIMITED = '1000000';
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '3' }, rounds: { type: 'string', default: '3' } },
});

interface Taken {
  readonly section: string;
  readonly mode: Mode;
  readonly perSecond: number;
  readonly p50Ms: number;
  /** Milliseconds for 1,000 requests. */
  readonly cpu: { readonly program: number; readonly postgres: number; readonly all: number };
}

closeOnSignal(async () => {});
await onFreshDatabase('reads', async (databaseUrl) => {
  const workDir = openTemporaryDir('stampede-bench-reads-');
  try {
    await run(databaseUrl, workDir);
  } finally {
    await stopChildren();
    await rm(workDir, { recursive: true, force: true });
  }
});

async function run(databaseUrl: string, workDir: string): Promise<void> {
  console.log(`load of the machine before: ${(loadavg()[0] ?? Number.NaN).toFixed(1)}`);
  const start = (maxAge: string): Promise<Child> => {
    const limits = { STAMPEDE_LIMIT_ADDRESS: UNLIMITED, STAMPEDE_LIMIT_PRINCIPAL: UNLIMITED };
    const env = { ...limits, LOG_LEVEL: 'error', PUBLIC_READ_MAX_AGE: maxAge };
    return startSystem({ databaseUrl, jwtSecret: JWT_SECRET, workDir, env });
  };
  const programs: Record<Mode, Child> = { read: await start('0'), cached: await start('1') };
  const sections = await fill(programs.read.url);
  const postmaster = await postmasterOf(databaseUrl);
  const taken: Taken[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [section, pathOf] of Object.entries(sections)) {
      for (const mode of rotated(MODES, round)) {
        const figures = { section, mode, ...(await measure(programs[mode], postmaster, pathOf)) };
        taken.push(figures);
        say(figures);
      }
    }
  }
  report(taken, Object.keys(sections));
}

/** Policies, products and a store. Returns the paths of each section's requests. */
async function fill(url: string): Promise<Readonly<Record<string, () => string>>> {
  const token = accessTokens(JWT_SECRET, Date.now).sign({ sub: '1', role: 'ADMIN', ...validFor(3_600, Date.now()) });
  const post = async (path: string, body: object): Promise<Record<string, string>> => {
    const response = await fetch(`${url}/api/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const json = (await response.json()) as Record<string, string>;
    if (response.status !== 201) throw new Error(`${path}: ${response.status} ${JSON.stringify(json)}`);
    return json;
  };
  const numbers = Array.from({ length: POLICIES }, (_, index) => index);
  const policies = await mapConcurrent(numbers, 8, async (n) => {
    const policy = {
      ...{ name: `Policy ${n}`, description: 'For the bench', discountType: 'FIXED_AMOUNT', discountValue: 1_000 },
      ...{ distributionType: 'FIRST_COME', maxIssueCount: 1_000, validDays: 7 },
      validFrom: new Date(Date.now() - 60_000).toISOString(),
      validUntil: new Date(Date.now() + 3_600_000).toISOString(),
    };
    await post('products', { name: `Mug ${n}`, description: 'blue', price: 7_000, stock: 10 });
    return (await post('coupon-policies', policy))['couponPolicyId'] ?? '';
  });
  let next = 0;
  return {
    'one policy': () => `coupon-policies/${policies[0]}`,
    'one of 100 policies': () => `coupon-policies/${policies[next++ % POLICIES]}`,
    'its stock': () => `coupons/policies/${policies[0]}/stock`,
    '20 policies': () => 'coupon-policies?status=ACTIVE',
    '20 products': () => 'products',
    'popular products': () => 'products/popular',
  };
}

async function measure(
  program: Child,
  postmaster: number | undefined,
  pathOf: () => string,
): Promise<Omit<Taken, 'section' | 'mode'>> {
  await load(program.url, 1, pathOf);
  const cpu = () => ({ program: cpuOf(program.pid) ?? 0, postgres: cpuOfChildren(postmaster) ?? 0 });
  const before = cpu();
  const { latencies, seconds } = await load(program.url, Number(values.seconds), pathOf);
  const after = cpu();
  const per = (total: number): number => (total * 1e6) / latencies.length;
  const [own, postgres] = [per(after.program - before.program), per(after.postgres - before.postgres)];
  return {
    perSecond: latencies.length / seconds,
    p50Ms: latencies.sort((a, b) => a - b)[Math.floor(latencies.length / 2)] ?? Number.NaN,
    cpu: { program: own, postgres, all: own + postgres },
  };
}

async function load(url: string, seconds: number, pathOf: () => string) {
  const pool = new Pool(url, { connections: CONCURRENCY });
  const latencies: number[] = [];
  const startedMs = performance.now();
  async function client(): Promise<void> {
    while (performance.now() < startedMs + seconds * 1_000) {
      const sentMs = performance.now();
      const { statusCode, body } = await pool.request({ method: 'GET', path: `/api/v1/${pathOf()}` });
      await body.dump();
      if (statusCode !== 200) throw new Error(`${statusCode} ${pathOf()}`);
      latencies.push(performance.now() - sentMs);
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, client));
  const took = (performance.now() - startedMs) / 1_000;
  await pool.close();
  return { latencies, seconds: took };
}

function say({ section, mode, perSecond, p50Ms, cpu }: Taken): void {
  console.log(
    `${section.padEnd(20)} ${mode.padEnd(7)} ${perSecond.toFixed(0).padStart(6)}/s, p50 ${p50Ms.toFixed(2)} ms, CPU ms for 1,000: program ${cpu.program.toFixed(0)}, PostgreSQL ${cpu.postgres.toFixed(0)}`,
  );
}

function report(taken: readonly Taken[], sections: readonly string[]): void {
  console.log('\ncached as a multiple of read: median (least to most)');
  for (const section of sections) {
    const of = (mode: Mode) => taken.filter((each) => each.section === section && each.mode === mode);
    const ratio = (figure: (each: Taken) => number): string => {
      const spread = ratioOf(of('cached').map(figure), of('read').map(figure)) ?? spreadOf([Number.NaN]);
      return `${spread.median.toFixed(2)} (${spread.min.toFixed(2)} to ${spread.max.toFixed(2)})`;
    };
    const figures = [
      `requests/s ${ratio(({ perSecond }) => perSecond)}`,
      `CPU of both ${ratio(({ cpu }) => cpu.all)}`,
      `of the program ${ratio(({ cpu }) => cpu.program)}`,
    ];
    console.log(`${section.padEnd(20)} ${figures.join(', ')}`);
  }
}
