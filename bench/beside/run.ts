/**
 * What does other load do to the requests beside it? Issuing, confirming and releasing at a small fixed rate: quiet, under four times the
 * server's capacity, under a flood of logins, with 10,000 idle connections and with slow clients. The clients have one core, server
 * and PostgreSQL the other one. Linux, two cores.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { prepareFixture } from '../orders/fixture.ts';
import { closeOnSignal, endWithBench } from '../support/child.ts';
import { describeMachine } from '../support/machine.ts';
import { rotated } from '../support/rotated.ts';
import { spreadOf } from '../support/statistics.ts';
import { startSystem } from '../support/system.ts';
import type { LoadSpec, ProbeFigures, ProbeName, ProbeSpec } from './client-run.ts';
import { type BesideName, LOADS } from './loads.ts';

interface Target {
  readonly load: BesideName;
  readonly probe: ProbeName;
  readonly figure: 'p95' | 'p99';
  readonly most: number;
}
/** Ratios to the quiet figure of the same round. */
const TARGETS: readonly Target[] = [
  { load: 'overload', probe: 'confirm', figure: 'p99', most: 2 },
  { load: 'overload', probe: 'release', figure: 'p99', most: 2 },
  { load: 'logins', probe: 'issue', figure: 'p95', most: 1.3 },
  { load: 'idle', probe: 'issue', figure: 'p95', most: 1.1 },
  { load: 'slow', probe: 'issue', figure: 'p95', most: 1.1 },
];
const NAMES = Object.keys(LOADS) as BesideName[];
const PROBES: readonly ProbeName[] = ['issue', 'confirm', 'release'];
const CLIENT_CORE = '0';
const SERVER_CORE = '1';
const CLIENT = join(import.meta.dirname, 'client-run.ts');
const PROBE_MAX_MS = 120_000;
/** What a load leaves in queues is not the next one's: 256 passwords that wait to be hashed take 5 s of a core. */
const SETTLE_MS = 7_000;
/** A load lives longer than the probes and what they prepare. */
const LOAD_SECONDS = 60;
/** The probes share the core of the load. They go before it, or they would measure their own wait for the core. */
const LOAD_NICE = '15';

const options = new Command('bench:beside')
  .option('--seconds <n>', 'of the probes, beside each load', Number, 6)
  .option('--rounds <n>', 'each load once a round', Number, 3)
  .option('--only <names>', `loads beside quiet: ${NAMES.join(', ')}`, NAMES.join(','))
  .option('--overload <n>', 'requests a second of the overload', Number, 40_000)
  .option('--logins <n>', 'logins a second', Number, 1_000)
  .option('--against <main.js>', 'another build, beside the same loads in the same rounds')
  .option('--out <dir>', 'where the results go', 'docs/bench')
  .parse()
  .opts<{
    seconds: number;
    rounds: number;
    only: string;
    overload: number;
    logins: number;
    against?: string;
    out: string;
  }>();
const wanted = options.only.split(',');
const loads = NAMES.filter((name) => name === 'quiet' || wanted.includes(name));
const [loadBefore] = loadavg();

// Inherited by the server and PostgreSQL.
execFileSync('taskset', ['-cp', SERVER_CORE, String(process.pid)]);
const fixture = await prepareFixture(1);
closeOnSignal(() => fixture.close());
let firstUser = BigInt(Date.now()) * 1_000_000n;
type Build = 'this' | 'other';
type Probes = Record<ProbeName, ProbeFigures>;
interface Taken {
  readonly round: number;
  readonly build: Build;
  readonly load: BesideName;
  readonly probes: Probes;
}
const builds: readonly (readonly [Build, string | undefined])[] = [
  ['this', undefined],
  ...(options.against === undefined ? [] : [['other', options.against] as const]),
];
const taken: Taken[] = [];
try {
  await onSystems(builds, async (urls) => {
    // Compiled and planned before the first figure.
    for (const url of urls.values()) await probe(url);
    for (let round = 0; round < options.rounds; round++) {
      for (const load of rotated(loads, round)) {
        for (const [build, url] of rotated([...urls], round)) {
          const probes = await beside(load, url);
          taken.push({ round, build, load, probes });
          say(round, build, load, probes);
        }
      }
    }
  });
  const machine = await describeMachine(fixture.postgresUrl, 'bench/beside/client-run.ts', undefined);
  await mkdir(options.out, { recursive: true });
  const result = { ranAt: new Date().toISOString(), machine, loadBefore, ...options, loads: LOADS, taken };
  await writeFile(join(options.out, 'beside.json'), `${JSON.stringify(result, undefined, 2)}\n`);
  report();
} finally {
  await fixture.close();
}

/** Starts each build on a database of its own, one inside the other, and calls `work` with their addresses. */
async function onSystems(
  [first, ...others]: typeof builds,
  work: (urls: ReadonlyMap<Build, string>) => Promise<void>,
): Promise<void> {
  if (first === undefined) return work(new Map());
  const [build, main] = first;
  await fixture.onDatabase(async (databaseUrl) => {
    const { workDir, jwtSecret } = fixture;
    const env = { STAMPEDE_RATE_LIMIT: 'off' };
    const system = await startSystem({ workDir, jwtSecret, databaseUrl, env, ...(main === undefined ? {} : { main }) });
    try {
      await onSystems(others, (urls) => work(new Map([[build, system.url], ...urls])));
    } finally {
      await system.stop();
    }
  }, main);
}

async function beside(load: BesideName, url: string): Promise<Probes> {
  if (load === 'quiet') return probe(url);
  const perSecond = load === 'logins' ? options.logins : options.overload;
  const { jwtSecret } = fixture;
  const spec: LoadSpec = { url, jwtSecret, load, perSecond, seconds: LOAD_SECONDS, firstUser: String(nextUsers()) };
  const args = ['-n', LOAD_NICE, 'taskset', '-c', CLIENT_CORE, process.execPath, CLIENT, JSON.stringify(spec)];
  const child = spawn('nice', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  endWithBench(child);
  try {
    for await (const line of createInterface(child.stdout)) if (line === 'LOADING') break;
    return await probe(url);
  } finally {
    child.kill('SIGKILL');
    await ended;
    await delay(SETTLE_MS);
  }
}

async function probe(url: string): Promise<Probes> {
  const { jwtSecret } = fixture;
  const spec: ProbeSpec = { url, jwtSecret, seconds: options.seconds, firstUser: String(nextUsers()) };
  const args = ['-c', CLIENT_CORE, process.execPath, CLIENT, JSON.stringify(spec)];
  const { stdout } = await promisify(execFile)('taskset', args, { timeout: PROBE_MAX_MS });
  const line = stdout.split('\n').find((text) => text.startsWith('RESULT '));
  if (line === undefined) throw new Error(`no result of the probes\n${stdout}`);
  return JSON.parse(line.slice('RESULT '.length)) as Probes;
}

function nextUsers(): bigint {
  firstUser += 10_000_000n;
  return firstUser;
}

function say(round: number, build: Build, load: BesideName, probes: Probes): void {
  const figures = PROBES.map((name) => {
    const { p50, p95, p99, failed } = probes[name];
    return `${name} p50 ${p50.toFixed(1)} p95 ${p95.toFixed(1)} p99 ${p99.toFixed(1)} ms${failed > 0 ? ` (${failed} FAILED)` : ''}`;
  });
  console.log(`round ${round + 1}  ${build.padEnd(6)}${load.padEnd(9)} ${figures.join('   ')}`);
}

function report(): void {
  for (const [build] of builds) {
    for (const target of TARGETS.filter(({ load }) => loads.includes(load))) reportTarget(build, target);
  }
}

function reportTarget(build: Build, { load, probe: name, figure, most }: Target): void {
  const of = (load: BesideName, round: number) =>
    taken.find((each) => each.build === build && each.load === load && each.round === round)?.probes[name][figure];
  const ratios = Array.from({ length: options.rounds }, (_, round) => {
    const [under, quiet] = [of(load, round), of('quiet', round)];
    return under === undefined || quiet === undefined ? Number.NaN : under / quiet;
  });
  const { median, min, max } = spreadOf(ratios);
  const spread = `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`;
  const met = median <= most ? 'met' : 'NOT MET';
  console.log(`${build.padEnd(6)}${load.padEnd(9)} ${name} ${figure} / quiet ${spread}, at most ${most}: ${met}`);
}
