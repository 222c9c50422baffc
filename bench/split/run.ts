/**
 * What does a gateway in a process of its own cost? One process against a gateway and a coupon process, on the same PostgreSQL and Kafka:
 * issuing and refusing at 512 connections, and the latency of one connection. The shapes alternate within each round; ratios are of the same
 * round. CPU is that of each process over its life.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { startKafka } from '../../tools/kafka/start.ts';
import type { Kind } from '../issue/candidates.ts';
import { prepareFixture } from '../issue/fixture.ts';
import { type Measurement, runMeasurement } from '../issue/measurement.ts';
import { closeOnSignal } from '../support/child.ts';
import { describeMachine } from '../support/machine.ts';
import { rotated } from '../support/rotated.ts';
import { ratioOf, spreadOf } from '../support/statistics.ts';
import { migrateSystem } from '../support/system.ts';
import { type CpuByPart, candidate, type Shape } from './candidates.ts';

interface Section {
  readonly name: string;
  readonly kind: Kind;
  readonly connections: number;
  readonly figure: (measurement: Measurement) => number;
  readonly unit: string;
  readonly target: { readonly least?: number; readonly most?: number };
}

const rate = ({ perSecond }: Measurement) => perSecond;
const SECTIONS: readonly Section[] = [
  { name: 'issuing', kind: 'issue', connections: 512, figure: rate, unit: '/s', target: { least: 0.6 } },
  { name: 'refusing: sold out', kind: 'sold-out', connections: 512, figure: rate, unit: '/s', target: { least: 0.8 } },
  {
    name: 'p50, 1 connection',
    kind: 'issue',
    connections: 1,
    figure: (it) => it.p50Ms,
    unit: ' ms',
    target: { most: 2 },
  },
];
const SHAPES: readonly Shape[] = ['one', 'split'];
const TOKENS_PER_SECOND = 40_000;

interface Taken extends Measurement {
  readonly section: string;
  readonly shape: Shape;
  readonly round: number;
  readonly cpuSeconds: CpuByPart;
}

const options = new Command('bench:split')
  .option('--seconds <n>', 'load of one measurement', Number, 8)
  .option('--warm-seconds <n>', 'warm-up before it', Number, 3)
  .option('--rounds <n>', 'each shape once a round', Number, 3)
  .option('--out <dir>', 'where the results go', 'docs/bench')
  .parse()
  .opts<{ seconds: number; warmSeconds: number; rounds: number; out: string }>();
const { seconds, warmSeconds, rounds } = options;

const fixture = await prepareFixture(seconds * TOKENS_PER_SECOND, warmSeconds * TOKENS_PER_SECOND);
closeOnSignal(() => fixture.close());
const kafka = await startKafka();
try {
  const databaseUrl = await fixture.createDatabase('split');
  await migrateSystem(databaseUrl);
  const measurements: Taken[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const { name: section, kind, connections } of SECTIONS) {
      for (const shape of rotated(SHAPES, round)) {
        let cpuSeconds: CpuByPart = {};
        const onStop = (cpu: CpuByPart): void => {
          cpuSeconds = cpu;
        };
        const one = candidate(shape, kind, { brokers: kafka.brokers, onStop });
        const load = { connections, seconds, warmSeconds, poolMax: 0 };
        const measurement = await runMeasurement(one, fixture, databaseUrl, load);
        measurements.push({ ...measurement, section, shape, round, cpuSeconds });
        const { perSecond, p50Ms, fault } = measurement;
        const cpu = Object.entries(cpuSeconds).map(([part, used]) => `${part} ${used.toFixed(1)} s`);
        const figures = `${perSecond.toFixed(0)}/s, p50 ${p50Ms.toFixed(2)} ms, CPU ${cpu.join(', ')}`;
        console.log(
          `round ${round + 1}  ${section.padEnd(20)} ${shape.padEnd(6)} ${figures}${fault ? `  FAULT: ${fault}` : ''}`,
        );
      }
    }
  }
  const machine = await describeMachine(databaseUrl, fixture.load.name, undefined);
  await mkdir(options.out, { recursive: true });
  const result = { ranAt: new Date().toISOString(), machine, seconds, warmSeconds, rounds, measurements };
  await writeFile(join(options.out, 'split.json'), `${JSON.stringify(result, undefined, 2)}\n`);
  report(measurements);
  if (measurements.some(({ fault }) => fault !== undefined)) process.exitCode = 1;
} finally {
  await kafka.stop();
  await fixture.close();
}

function report(measurements: readonly Taken[]): void {
  for (const { name, figure, unit, target } of SECTIONS) {
    const of = (wanted: Shape) =>
      measurements.filter(({ section, shape }) => section === name && shape === wanted).map(figure);
    const ratio = ratioOf(of('split'), of('one'));
    if (ratio === undefined) continue;
    const isMet = ratio.median >= (target.least ?? 0) && ratio.median <= (target.most ?? Number.POSITIVE_INFINITY);
    const [one, split] = SHAPES.map((shape) => `${spreadOf(of(shape)).median.toFixed(unit === ' ms' ? 2 : 0)}${unit}`);
    const spread = `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)})`;
    const bound = target.least === undefined ? `at most ${target.most}` : `at least ${target.least}`;
    console.log(
      `${name.padEnd(20)} one ${one}   split ${split}   ratio ${spread}, ${bound}: ${isMet ? 'met' : 'NOT MET'}`,
    );
  }
}
