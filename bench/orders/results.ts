import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../support/machine.ts';
import { ratioOf, type Spread, spreadOf } from '../support/statistics.ts';
import { CANDIDATES, type Candidate, otherBuild } from './candidates.ts';
import type { CheckoutMeasurement } from './checkout-measurement.ts';
import type { PlaceMeasurement } from './place-measurement.ts';
import type { RefusalMeasurement, Refuser } from './refusals-section.ts';

/** docs/bench/orders.json. Measurements are in the order in which they were taken. */
export interface Results {
  readonly machine: Machine;
  readonly ranAt: string;
  readonly seconds: number;
  readonly rounds: number;
  /** Pool sizes tried for a transaction per request, and orders a second with each. */
  readonly pools: Readonly<Record<string, number>>;
  readonly place: readonly (PlaceMeasurement & { readonly round: number })[];
  readonly checkouts: readonly (CheckoutMeasurement & { readonly round: number })[];
  readonly refusals: readonly RefusalMeasurement[];
}

interface Target {
  readonly name: string;
  readonly value: number | undefined;
  readonly least: number;
}

const ratesOf = (measurements: readonly { candidate: string; perSecond: number }[], id: Candidate['id']): number[] =>
  measurements.filter(({ candidate }) => candidate === id).map(({ perSecond }) => perSecond);

const refusalsOf = (measurements: readonly RefusalMeasurement[], who: Refuser): number[] =>
  measurements.filter(({ refuser }) => refuser === who).map(({ perSecond }) => perSecond);

export function targetsOf({ place, checkouts, refusals }: Results): readonly Target[] {
  const plain = ratesOf(
    checkouts.filter(({ withCoupon }) => !withCoupon),
    'stampede',
  );
  return [
    {
      name: 'orders reserved / Fastify with token check',
      value: ratioOf(ratesOf(place, 'stampede'), ratesOf(place, 'bare'))?.median,
      least: 0.4,
    },
    {
      name: 'refusals of a time sale / of a policy',
      value: ratioOf(refusalsOf(refusals, 'time sale'), refusalsOf(refusals, 'coupon'))?.median,
      least: 0.9,
    },
    { name: 'full checkouts a second', value: plain.length > 0 ? spreadOf(plain).median : undefined, least: 2_000 },
  ];
}

/** What the terminal shows at the end. Ratios are medians of the rounds' ratios. */
export function renderResults(results: Results): string {
  const { place, checkouts } = results;
  const plain = checkouts.filter(({ withCoupon }) => !withCoupon);
  const coupon = checkouts.filter(({ withCoupon }) => withCoupon);
  const faults = [...place, ...checkouts].filter(({ fault }) => fault !== undefined);
  return [
    '',
    ...table('orders reserved a second', place),
    ...table('full checkouts a second: order, and pay with points', plain),
    ...table('the same with a coupon and points used beside', coupon),
    ...targetsOf(results).map(({ name, value, least }) => {
      const verdict = value === undefined ? 'not measured' : value >= least ? 'met' : 'not met';
      return `  ${verdict.padEnd(13)} ${name.padEnd(44)} ${figure(value).padStart(9)}   at least ${figure(least)}`;
    }),
    ...faults.map(({ candidate, round, fault }) => `FAULT ${candidate}, round ${round}: ${fault}`),
    '',
  ].join('\n');
}

function table(title: string, measurements: readonly (PlaceMeasurement | CheckoutMeasurement)[]): readonly string[] {
  if (measurements.length === 0) return [];
  const rows = [...CANDIDATES, otherBuild('')].flatMap(({ id, label }) => {
    const rates = ratesOf(measurements, id);
    if (rates.length === 0) return [];
    const ahead = id === 'stampede' ? undefined : ratioOf(ratesOf(measurements, 'stampede'), rates);
    const [p50, p99] = (['p50Ms', 'p99Ms'] as const).map((name) =>
      spreadOf(measurements.filter(({ candidate }) => candidate === id).map((measurement) => measurement[name])),
    );
    const cpu = (of: 'server' | 'postgres'): string => {
      const values = measurements.flatMap(({ candidate, cpuUs }) =>
        candidate === id && cpuUs[of] !== undefined ? [cpuUs[of]] : [],
      );
      return values.length === 0 ? '?' : count(spreadOf(values).median);
    };
    const cells = [spread(spreadOf(rates)).padStart(26), (ahead ? `${figure(ahead.median)} x` : '').padStart(10)];
    return [
      `  ${label.padEnd(40)}${cells.join('')}   p50 ${millis(p50)}  p99 ${millis(p99)}   CPU ${cpu('server')} + ${cpu('postgres')} us`,
    ];
  });
  return [`${title}; Stampede is x of it; CPU for each: server + PostgreSQL`, ...rows, ''];
}

const count = (value: number): string => Math.round(value).toLocaleString('en');
const spread = ({ median, min, max }: Spread): string => `${count(median)} (${count(min)} to ${count(max)})`;
const millis = (of: Spread | undefined): string => `${of?.median.toFixed(1) ?? ''} ms`.padStart(9);
const figure = (value: number | undefined): string =>
  value === undefined ? '' : value >= 100 ? count(value) : value.toFixed(2);

export async function writeResults(dir: string, results: Results): Promise<void> {
  await mkdir(dir, { recursive: true });
  const document = { ...results, targets: targetsOf(results) };
  await writeFile(join(dir, 'orders.json'), `${JSON.stringify(document, undefined, 2)}\n`);
}
