import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import type { KafkaSettings } from '../../src/platform/events/kafka/settings.ts';
import { closeOnSignal } from '../support/child.ts';
import { describeMachine } from '../support/machine.ts';
import { ratioOf, type Spread, spreadOf } from '../support/statistics.ts';
import { chart } from './chart.ts';
import { prepareFixture } from './fixture.ts';
import { oneByOne, ourReader, rawClient } from './plain-measurements.ts';
import { inProcess, type Measurement, throughKafka } from './system-measurement.ts';

const options = new Command('bench:events')
  .description('Measures payments that become used coupons, and writes docs/bench/events.{json,svg}.')
  .option('--messages <n>', 'of a measurement', Number, 100_000)
  .option('--one-by-one <n>', 'of a measurement that handles one by one', Number, 5_000)
  .option('--rounds <n>', 'each candidate once a round, interleaved', Number, 3)
  .option('--partitions <n>', 'of the topic', Number, 6)
  .option('--only <ids>', 'candidates, such as a,b', (text) => text.split(','))
  .option('--system <main.js>', 'another build to measure as (c), repeated; compared with this one', collect, [])
  .option('--out <dir>', 'where the results go', 'docs/bench')
  .parse()
  .opts<Options>();

interface Options {
  readonly messages: number;
  readonly oneByOne: number;
  readonly rounds: number;
  readonly partitions: number;
  readonly only?: string[];
  readonly system: string[];
  readonly out: string;
}
function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`);
say('starting PostgreSQL and Kafka, reserving coupons');
const fixture = await prepareFixture(options.messages);
closeOnSignal(() => fixture.close());

const settingsOf = (name: string): KafkaSettings => ({
  brokers: fixture.brokers.split(','),
  partitions: options.partitions,
  prefix: `${name}.`,
});

interface Candidate {
  readonly id: string;
  readonly label: string;
  run(name: string): Promise<Measurement>;
}
const { messages } = options;
const candidates: readonly Candidate[] = [
  { id: 'a', label: 'raw client, parses only', run: (name) => rawClient(settingsOf(name), messages) },
  { id: 'b', label: 'own reader, parses only', run: (name) => ourReader(settingsOf(name), messages) },
  { id: 'c', label: 'Stampede, Kafka', run: (name) => throughKafka(fixture, settingsOf(name), messages, false) },
  {
    id: 'd',
    label: 'Stampede, Kafka, half duplicates',
    run: (name) => throughKafka(fixture, settingsOf(name), messages, true),
  },
  { id: 'e', label: 'Stampede, in process', run: (name) => inProcess(fixture, `bench_${name}`, messages) },
  {
    id: 'f',
    label: 'one message, one transaction',
    run: (name) => oneByOne(fixture, settingsOf(name), options.oneByOne),
  },
  ...options.system.map((main, index) => ({
    id: `c${index + 1}`,
    label: `as (c): ${main}`,
    run: (name: string) => throughKafka(fixture, settingsOf(name), messages, false, resolve(main)),
  })),
];
const selected = candidates.filter(({ id }) => options.only === undefined || options.only.includes(id));

try {
  const measurements: (Measurement & { id: string; round: number })[] = [];
  for (let round = 0; round < options.rounds; round++) {
    // Each round begins with another candidate, so that none always follows the same one.
    const start = round % selected.length;
    for (const { id, run } of [...selected.slice(start), ...selected.slice(0, start)]) {
      const measurement = await run(`r${round}${id}`);
      measurements.push({ id, round, ...measurement });
      const fault = measurement.fault === undefined ? '' : `   FAULT: ${measurement.fault}`;
      say(`round ${round + 1}  ${id}  ${Math.round(measurement.perSecond).toLocaleString('en').padStart(9)}/s${fault}`);
    }
  }
  const ratesOf = (id: string): number[] =>
    measurements.filter((measurement) => measurement.id === id).map(({ perSecond }) => perSecond);
  const ratio = (above: string, below: string) => ratioOf(ratesOf(above), ratesOf(below));
  const targets = [
    { name: 'payments a second through Kafka, (c)', value: spreadIf(ratesOf('c'))?.median, least: 10_000 },
    { name: 'with half of them duplicates, (d)/(c)', value: ratio('d', 'c')?.median, least: 0.9 },
    { name: 'beside one by one, (c)/(f)', value: ratio('c', 'f')?.median, least: 10 },
    ...options.system.map((main, index) => {
      return {
        name: `beside ${main}, (c)/(c${index + 1})`,
        value: ratio('c', `c${index + 1}`)?.median,
        least: undefined,
      };
    }),
    { name: "of the raw client's rate, (c)/(a)", value: ratio('c', 'a')?.median, least: undefined },
  ];
  const results = {
    ranAt: new Date().toISOString(),
    machine: await describeMachine(await fixture.database('bench_about'), 'none', undefined),
    messages,
    oneByOne: options.oneByOne,
    rounds: options.rounds,
    partitions: options.partitions,
    candidates: selected.map(({ id, label }) => ({ id, label, perSecond: spreadOf(ratesOf(id)) })),
    targets,
    measurements,
  };
  await mkdir(options.out, { recursive: true });
  await writeFile(join(options.out, 'events.json'), `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(join(options.out, 'events.svg'), chart(results));
  console.log('');
  for (const { id, label, perSecond } of results.candidates)
    console.log(`  (${id}) ${label.padEnd(36)} ${spread(perSecond)}/s`);
  console.log('\nTargets');
  for (const { name, value, least } of targets) {
    const verdict =
      value === undefined ? 'not measured' : least === undefined ? '' : value >= least ? 'met' : 'not met';
    const bound = least === undefined ? '' : `   at least ${least.toLocaleString('en')}`;
    console.log(`  ${verdict.padEnd(13)} ${name.padEnd(44)} ${figure(value).padStart(9)}${bound}`);
  }
  console.log(`\nWritten: ${options.out}/events.json and ${options.out}/events.svg`);
  if (measurements.some(({ fault }) => fault !== undefined)) process.exitCode = 1;
} finally {
  await fixture.close();
}

function spreadIf(values: readonly number[]): Spread | undefined {
  return values.length === 0 ? undefined : spreadOf(values);
}
function spread({ median, min, max }: Spread): string {
  const whole = (value: number): string => Math.round(value).toLocaleString('en');
  return `${whole(median).padStart(9)} (${whole(min)} to ${whole(max)})`;
}
function figure(value: number | undefined): string {
  return value === undefined ? '' : value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2);
}
