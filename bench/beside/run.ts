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
import { closeOnSignal } from '../support/child.ts';
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

const options = new Command('bench:beside')
  .option('--seconds <n>', 'of the probes, beside each load', Number, 6)
  .option('--rounds <n>', 'each load once a round', Number, 3)
  .option('--only <names>', `loads beside quiet: ${NAMES.join(', ')}`, NAMES.join(','))
  .option('--overload <n>', 'requests a second of the overload', Number, 40_000)
  .option('--logins <n>', 'logins a second', Number, 1_000)
  .option('--out <dir>', 'where the results go', 'docs/bench')
  .parse()
  .opts<{ seconds: number; rounds: number; only: string; overload: number; logins: number; out: string }>();
const wanted = options.only.split(',');
const loads = NAMES.filter((name) => name === 'quiet' || wanted.includes(name));
const [loadBefore] = loadavg();

// Inherited by the server and PostgreSQL.
execFileSync('taskset', ['-cp', SERVER_CORE, String(process.pid)]);
const fixture = await prepareFixture(1);
closeOnSignal(() => fixture.close());
let firstUser = BigInt(Date.now()) * 1_000_000n;
type Taken = { readonly round: number; readonly load: BesideName; readonly probes: Record<ProbeName, ProbeFigures> };
const taken: Taken[] = [];
try {
  await fixture.onDatabase(async (databaseUrl) => {
    const { workDir, jwtSecret } = fixture;
    const system = await startSystem({ workDir, jwtSecret, databaseUrl, env: { STAMPEDE_RATE_LIMIT: 'off' } });
    try {
      // Compiled and planned before the first figure.
      await probe(system.url);
      for (let round = 0; round < options.rounds; round++) {
        for (const load of rotated(loads, round)) {
          const probes = await beside(load, system.url);
          taken.push({ round, load, probes });
          say(round, load, probes);
        }
      }
    } finally {
      await system.stop();
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

async function beside(load: BesideName, url: string): Promise<Taken['probes']> {
  if (load === 'quiet') return probe(url);
  const perSecond = load === 'logins' ? options.logins : options.overload;
  const { jwtSecret } = fixture;
  const spec: LoadSpec = { url, jwtSecret, load, perSecond, seconds: LOAD_SECONDS, firstUser: String(nextUsers()) };
  const child = spawn('taskset', ['-c', CLIENT_CORE, process.execPath, CLIENT, JSON.stringify(spec)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  try {
    for await (const line of createInterface(child.stdout)) if (line === 'LOADING') break;
    return await probe(url);
  } finally {
    kill();
    process.off('exit', kill);
    await ended;
    await delay(SETTLE_MS);
  }
}

async function probe(url: string): Promise<Taken['probes']> {
  const { jwtSecret } = fixture;
  const spec: ProbeSpec = { url, jwtSecret, seconds: options.seconds, firstUser: String(nextUsers()) };
  const args = ['-c', CLIENT_CORE, process.execPath, CLIENT, JSON.stringify(spec)];
  const { stdout } = await promisify(execFile)('taskset', args, { timeout: PROBE_MAX_MS });
  const line = stdout.split('\n').find((text) => text.startsWith('RESULT '));
  if (line === undefined) throw new Error(`no result of the probes\n${stdout}`);
  return JSON.parse(line.slice('RESULT '.length)) as Taken['probes'];
}

function nextUsers(): bigint {
  firstUser += 10_000_000n;
  return firstUser;
}

function say(round: number, load: BesideName, probes: Taken['probes']): void {
  const figures = PROBES.map((name) => {
    const { p50, p95, p99, failed } = probes[name];
    return `${name} p50 ${p50.toFixed(1)} p95 ${p95.toFixed(1)} p99 ${p99.toFixed(1)} ms${failed > 0 ? ` (${failed} FAILED)` : ''}`;
  });
  console.log(`round ${round + 1}  ${load.padEnd(9)} ${figures.join('   ')}`);
}

function report(): void {
  const of = (load: BesideName, round: number) => taken.find((each) => each.load === load && each.round === round);
  for (const { load, probe: name, figure, most } of TARGETS.filter((target) => loads.includes(target.load))) {
    const ratios = Array.from({ length: options.rounds }, (_, round) => {
      const [under, quiet] = [of(load, round)?.probes[name][figure], of('quiet', round)?.probes[name][figure]];
      return under === undefined || quiet === undefined ? Number.NaN : under / quiet;
    });
    const { median, min, max } = spreadOf(ratios);
    const spread = `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`;
    console.log(
      `${load.padEnd(9)} ${name} ${figure} / quiet ${spread}, at most ${most}: ${median <= most ? 'met' : 'NOT MET'}`,
    );
  }
}
