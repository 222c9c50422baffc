/**
 * What does a coupon service in a process of its own cost? One process against a gateway and a coupon process, on the same PostgreSQL and
 * Kafka: issuing and refusing at 512 connections, the latency of one connection, and checkouts with a coupon. The shapes alternate within each
 * round; ratios are of the same round. CPU is that of each process during the load.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { startKafka } from '../../tools/kafka/start.ts';
import type { Candidate, Kind } from '../issue/candidates.ts';
import { prepareFixture } from '../issue/fixture.ts';
import { runMeasurement } from '../issue/measurement.ts';
import { measureCheckouts } from '../orders/checkout-measurement.ts';
import { closeOnSignal } from '../support/child.ts';
import { summarizeProfile } from '../support/cpu-profile.ts';
import { describeMachine } from '../support/machine.ts';
import { readMetrics } from '../support/metrics.ts';
import { rotated } from '../support/rotated.ts';
import { ratioOf, spreadOf } from '../support/statistics.ts';
import { migrateSystem } from '../support/system.ts';
import { type CpuUs, withCpu } from '../support/with-cpu.ts';
import { SHAPES, type Shape, type System, startShape } from './systems.ts';

interface Section {
  readonly id: string;
  readonly name: string;
  readonly kind: Kind | 'checkout';
  readonly connections: number;
  readonly figure: 'perSecond' | 'p50Ms';
  readonly target: { readonly least?: number; readonly most?: number };
}

const SECTIONS: readonly Section[] = [
  { id: 'issue', name: 'issuing', kind: 'issue', connections: 512, figure: 'perSecond', target: { least: 0.6 } },
  {
    id: 'refuse',
    name: 'refusing: sold out',
    kind: 'sold-out',
    connections: 512,
    figure: 'perSecond',
    target: { least: 0.8 },
  },
  { id: 'p50', name: 'p50, 1 connection', kind: 'issue', connections: 1, figure: 'p50Ms', target: { most: 2 } },
  {
    id: 'checkout',
    name: 'checkout with coupon',
    kind: 'checkout',
    connections: 512,
    figure: 'perSecond',
    target: { least: 0.5 },
  },
];
const TOKENS_PER_SECOND = 40_000;
const HISTOGRAMS = { batch: 'stampede_lane_group_size', message: 'stampede_grpc_client_message_calls' } as const;
let databases = 0;

interface Taken {
  readonly section: string;
  readonly shape: Shape;
  readonly round: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Per request, or per checkout, during the load. */
  readonly cpuUs: CpuUs;
  /** Means since the start of the process: commands in a batch, calls in a message. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly fault: string | undefined;
}

const options = new Command('bench:split')
  .option('--seconds <n>', 'load of one measurement', Number, 8)
  .option('--warm-seconds <n>', 'warm-up before it', Number, 3)
  .option('--checkouts <n>', 'of one measurement', Number, 5_000)
  .option('--rounds <n>', 'each shape once a round', Number, 3)
  .option('--only <ids>', `parts: ${SECTIONS.map(({ id }) => id).join(', ')}`)
  .option(
    '--profile <dir>',
    'writes a CPU profile of each process there, and prints its parts; the figures are lower then',
  )
  .option('--out <dir>', 'where the results go', 'docs/bench')
  .parse()
  .opts<{
    seconds: number;
    warmSeconds: number;
    checkouts: number;
    rounds: number;
    only?: string;
    profile?: string;
    out: string;
  }>();
const { seconds, warmSeconds, rounds, profile: profileDir } = options;
const selected = options.only?.split(',');
const sections = SECTIONS.filter(({ id }) => selected?.includes(id) ?? true);
if (sections.length === 0) throw new Error(`--only takes ${SECTIONS.map(({ id }) => id).join(', ')}`);
if (profileDir !== undefined) await mkdir(profileDir, { recursive: true });

/** Of the last minute: above 0.5, other work ran, too. */
const [loadBefore] = loadavg();
const fixture = await prepareFixture(seconds * TOKENS_PER_SECOND, warmSeconds * TOKENS_PER_SECOND);
const kafka = await startKafka();
const close = async (): Promise<void> => {
  await kafka.stop();
  await fixture.close();
};
closeOnSignal(close);
try {
  const databaseUrl = await migrated('split');
  const measurements: Taken[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const section of sections) {
      for (const shape of rotated(SHAPES, round)) {
        const taken = { ...(await measure(section, shape, databaseUrl)), section: section.id, shape, round };
        measurements.push(taken);
        say(section, taken);
      }
    }
  }
  const machine = await describeMachine(databaseUrl, fixture.load.name, undefined);
  if (profileDir === undefined) {
    await mkdir(options.out, { recursive: true });
    const result = { ranAt: new Date().toISOString(), machine, loadBefore, ...options, measurements };
    await writeFile(join(options.out, 'split.json'), `${JSON.stringify(result, undefined, 2)}\n`);
  }
  report(measurements);
  if (profileDir !== undefined) await printProfiles(profileDir);
  if (measurements.some(({ fault }) => fault !== undefined)) process.exitCode = 1;
} finally {
  await close();
}

async function migrated(name: string): Promise<string> {
  const databaseUrl = await fixture.createDatabase(name);
  await migrateSystem(databaseUrl);
  return databaseUrl;
}

type Figures = Omit<Taken, 'section' | 'shape' | 'round'>;

function measure({ kind, connections }: Section, shape: Shape, databaseUrl: string): Promise<Figures> {
  if (kind === 'checkout') return measureCheckout(shape, connections);
  return measureIssuing(shape, kind, connections, databaseUrl);
}

async function measureIssuing(shape: Shape, kind: Kind, connections: number, databaseUrl: string): Promise<Figures> {
  let system: System | undefined;
  let cpuUs: CpuUs = {};
  let sizes = {};
  const candidate: Candidate = {
    id: `${shape}-${kind}`,
    label: shape,
    kind,
    store: 'coupon',
    needsRedis: false,
    givesUp: false,
    pooled: false,
    async start() {
      const started = await startOn(shape, databaseUrl);
      system = started;
      return stopping(started, (found) => {
        sizes = found;
      });
    },
  };
  const load: typeof fixture.load = {
    name: fixture.load.name,
    // The last one is the measured load, after the warm-up.
    async send(spec) {
      const { result, cpuUs: per } = await withCpu(pidsOf(system), databaseUrl, () => fixture.load.send(spec));
      cpuUs = per(result.requests);
      return result;
    },
  };
  const measured = await runMeasurement(candidate, { ...fixture, load }, databaseUrl, {
    connections,
    seconds,
    warmSeconds,
    poolMax: 0,
  });
  const { perSecond, p50Ms, p99Ms, fault } = measured;
  return { perSecond, p50Ms, p99Ms, cpuUs, sizes, fault };
}

async function measureCheckout(shape: Shape, connections: number): Promise<Figures> {
  let sizes = {};
  const { perSecond, p50Ms, p99Ms, cpuUs, fault } = await measureCheckouts(
    {
      id: shape,
      stores: true,
      async start(_, databaseUrl) {
        const started = await startOn(shape, databaseUrl);
        const stopped = stopping(started, (found) => {
          sizes = found;
        });
        return { ...stopped, parts: pidsOf(started) };
      },
    },
    {
      ...fixture,
      async onDatabase(work) {
        databases += 1;
        return await work(await migrated(`split_checkout_${databases}`));
      },
    },
    { connections, checkouts: options.checkouts, withCoupon: true },
  );
  return { perSecond, p50Ms, p99Ms, cpuUs, sizes, fault };
}

function startOn(shape: Shape, databaseUrl: string): Promise<System> {
  const { workDir, jwtSecret } = fixture;
  return startShape(shape, { workDir, jwtSecret, databaseUrl, brokers: kafka.brokers, profileDir });
}

function pidsOf(system: System | undefined): Readonly<Record<string, number>> {
  const pid = kafka.pid();
  return { ...system?.parts, ...(pid === undefined ? {} : { kafka: pid }) };
}

/** Reads the sizes before the processes end. */
function stopping(system: System, onSizes: (sizes: Readonly<Record<string, number>>) => void): System {
  return {
    ...system,
    async stop() {
      try {
        onSizes(await sizesOf(system));
      } finally {
        await system.stop();
      }
    },
  };
}

async function sizesOf({ metricsUrls }: System): Promise<Readonly<Record<string, number>>> {
  const means: Record<string, number> = {};
  for (const [part, url] of Object.entries(metricsUrls)) {
    const metrics = [...(await readMetrics(url))];
    const sum = (name: string): number =>
      metrics.reduce((total, [series, value]) => (series.startsWith(name) ? total + value : total), 0);
    for (const [what, name] of Object.entries(HISTOGRAMS)) {
      const count = sum(`${name}_count`);
      if (count > 0) means[`${part} ${what}`] = Number((sum(`${name}_sum`) / count).toFixed(1));
    }
  }
  return means;
}

function say({ name }: Section, { round, shape, perSecond, p50Ms, cpuUs, sizes, fault }: Taken): void {
  const list = (values: Readonly<Record<string, number | undefined>>) =>
    Object.entries(values)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ');
  const figures = `${perSecond.toFixed(0)}/s, p50 ${p50Ms.toFixed(2)} ms, CPU us each: ${list(cpuUs)}; mean sizes: ${list(sizes)}`;
  const end = fault === undefined ? '' : `  FAULT: ${fault}`;
  console.log(`round ${round + 1}  ${name.padEnd(20)} ${shape.padEnd(6)} ${figures}${end}`);
}

function report(measurements: readonly Taken[]): void {
  for (const { id, name, figure, target } of sections) {
    const of = (wanted: Shape) => measurements.filter(({ section, shape }) => section === id && shape === wanted);
    const values = (wanted: Shape) => of(wanted).map((taken) => taken[figure]);
    const ratio = ratioOf(values('split'), values('one'));
    if (ratio === undefined) continue;
    const isMet = ratio.median >= (target.least ?? 0) && ratio.median <= (target.most ?? Number.POSITIVE_INFINITY);
    const unit = figure === 'p50Ms' ? ' ms' : '/s';
    const [one, split] = SHAPES.map((shape) => {
      // Without Kafka, whose work continues after the load.
      const cpu = of(shape).map(({ cpuUs }) => sumOf(cpuUs) - (cpuUs['kafka'] ?? 0));
      return `${spreadOf(values(shape)).median.toFixed(figure === 'p50Ms' ? 2 : 0)}${unit} (CPU ${spreadOf(cpu).median} us)`;
    });
    const spread = `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)})`;
    const bound = target.least === undefined ? `at most ${target.most}` : `at least ${target.least}`;
    console.log(
      `${name.padEnd(20)} one ${one}   split ${split}   ratio ${spread}, ${bound}: ${isMet ? 'met' : 'NOT MET'}`,
    );
  }
}

function sumOf(cpuUs: CpuUs): number {
  return Object.values(cpuUs).reduce<number>((sum, us) => sum + (us ?? 0), 0);
}

async function printProfiles(dir: string): Promise<void> {
  for (const file of (await readdir(dir)).filter((name) => name.endsWith('.cpuprofile')).toSorted()) {
    const { parts, functions } = summarizeProfile(join(dir, file));
    console.log(`\n${file}`);
    for (const { name, ms } of parts) console.log(`${ms.toFixed(0).padStart(8)} ms  ${name}`);
    console.log('  the functions that take most');
    for (const { name, ms } of functions) console.log(`${ms.toFixed(0).padStart(8)} ms  ${name}`);
  }
}
